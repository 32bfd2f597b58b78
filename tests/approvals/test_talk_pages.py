"""Asking, answering, commenting, showing files and giving back, on the page of a request."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.approvals.models import ApprovalRequest
from tests.approvals.desks import Desk
from tests.approvals.rounds import state_of, task_of
from tests.factories import make_approver
from tests.permission_world import PDF, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Desk:
    return Desk()


def say(desk: Desk, what: str, request: ApprovalRequest, **form: Any) -> str:
    return str(desk.send(f"approval_{what}", request.pk, **form).content.decode())


def test_a_question_waits_on_the_makers_first_page_until_it_is_answered(desk: Desk) -> None:
    request = desk.ask()
    say(desk, "ask", request, text="Which project?")
    maker = Desk.__new__(Desk)
    maker.client = signed_in(request.maker)

    assert "Which project?" in maker.client.get("/").content.decode()
    say(maker, "answer", request, text="The roadshow")
    assert "Which project?" not in maker.client.get("/").content.decode()


def test_the_maker_is_asked_answers_and_the_person_asked_reads_it(desk: Desk) -> None:
    request = desk.ask()
    assert "Which project?" in say(desk, "ask", request, text="Which project?")
    maker = Desk.__new__(Desk)
    maker.client = signed_in(request.maker)

    page = maker.get("approval_detail", request.pk).content.decode()
    assert "Your answer" in page
    say(maker, "answer", request, text="The roadshow")

    html = desk.get("approval_detail", request.pk).content.decode()
    assert html.index("Which project?") < html.index("The roadshow")
    assert state_of(request)[0] == "open"


def test_who_is_not_asked_cannot_ask(desk: Desk) -> None:
    request = desk.ask()
    desk.client = signed_in(make_approver(desk.ledger))

    assert desk.send("approval_ask", request.pk, text="Why?").status_code == 404


def test_an_empty_question_is_refused_in_words(desk: Desk) -> None:
    request = desk.ask()

    assert "fm-word-ask" not in say(desk, "ask", request, text=" ")


def test_a_question_leads_back_to_the_list_at_the_same_request(desk: Desk) -> None:
    request = desk.ask()
    task = task_of(request, desk.person)

    response = desk.send("approval_ask", request.pk, text="Why?", back=f"at={task.pk}")

    assert response.redirect_chain == [(f"/approvals/?at={task.pk}", 302)]


def test_a_comment_is_there_for_whoever_sees_the_request(desk: Desk) -> None:
    request = desk.ask()
    say(desk, "comment", request, text="Seen the <b>contract</b>")
    desk.client = signed_in(request.maker)

    html = desk.get("approval_detail", request.pk).content.decode()

    assert "Seen the &lt;b&gt;contract" in html


def test_a_file_is_shown_and_sent_as_a_download(desk: Desk) -> None:
    request = desk.ask()
    html = say(desk, "attach", request, file=SimpleUploadedFile("offer.pdf", PDF))
    assert "offer.pdf is attached." in html

    response = desk.get("request_attachment_download", request.attachments.get().pk)

    assert response["Content-Disposition"].startswith("attachment")
    assert b"".join(response.streaming_content) == PDF


def test_no_file_and_a_file_of_no_known_kind_are_refused(desk: Desk) -> None:
    request = desk.ask()

    assert "Choose a file first." in say(desk, "attach", request)
    say(desk, "attach", request, file=SimpleUploadedFile("a.exe", b"MZ"))
    assert not request.attachments.exists()


def test_giving_back_makes_it_a_draft_again_and_needs_a_reason(desk: Desk) -> None:
    request = desk.ask(summary="Rent")
    task = task_of(request, desk.person).pk

    assert "Say why" in say(desk, "return", request, task=task)
    html = say(desk, "return", request, task=task, reason="Cost centre missing")

    assert "Rent is back with its maker" in html
    assert state_of(request) == ("returned", "draft")
