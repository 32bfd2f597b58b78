"""The page of a request, and the answers that are given on it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from apps.approvals.models import ApprovalRequest
from apps.ledgers.models import JournalLine
from apps.organizations.models import User
from apps.organizations.permissions import Role
from tests.approvals.desks import Desk, hand_over
from tests.approvals.rounds import approve, state_of, task_of
from tests.factories import make_approver, make_ledger, make_user
from tests.permission_world import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Desk:
    return Desk()


def answer(desk: Desk, request: ApprovalRequest, verdict: str, **form: Any) -> str:
    task = task_of(request, desk.person)
    response = desk.send(f"approval_{verdict}", request.pk, task=task.pk, **form)
    assert response.status_code == 200
    return str(response.content.decode())


def test_it_shows_the_lines_the_route_and_why_each_step_is_asked() -> None:
    desk = Desk(above=Decimal(5000))
    request = desk.ask("45300", summary="Cloud hosting")

    html = desk.get("approval_detail", request.pk).content.decode()

    lines = JournalLine.objects.filter(entry=request.subject_id)
    names = lines.values_list("account__name", flat=True)
    for text in ("Cloud hosting", "45,300.00", "step 1/2", "flow v1", "You", *names):
        assert text in html
    assert "amount above 5,000.00 CNY" in html


def test_a_step_that_the_amount_does_not_meet_is_shown_as_not_asked() -> None:
    desk = Desk(above=Decimal(5000))

    html = desk.get("approval_detail", desk.ask("100").pk).content.decode()

    assert "not asked" in html


def test_beside_the_list_it_is_a_part_of_a_page(desk: Desk) -> None:
    request = desk.ask()

    part = desk.get("approval_detail", request.pk, headers={"HX-Request": "true"})

    assert "<html" not in part.content.decode()
    assert "HX-Request" in part["Vary"]
    assert "<html" in desk.get("approval_detail", request.pk).content.decode()


def test_approving_approves_and_leads_back_to_the_list_as_it_was(desk: Desk) -> None:
    request = desk.ask(summary="Rent")
    task = task_of(request, desk.person)
    form = {"task": task.pk, "back": "?sort=newest&at=7"}

    url = reverse("approvals:approval_approve", args=[request.pk])
    response = desk.client.post(url, form)

    assert response["Location"] == "/approvals/?sort=newest&at=7"
    assert state_of(request) == ("approved", "approved")
    assert "Rent is approved." in desk.get().content.decode()


def test_an_approval_that_is_not_the_last_says_that_others_are_asked() -> None:
    desk = Desk(above=Decimal(50))

    assert "others are asked next" in answer(desk, desk.ask(), "approve")


def test_a_rejection_needs_a_reason_and_tells_it(desk: Desk) -> None:
    request = desk.ask()

    assert "Say why" in answer(desk, request, "reject", reason=" ")
    assert state_of(request) == ("open", "submitted")
    assert "is rejected" in answer(desk, request, "reject", reason="No receipt")

    assert state_of(request) == ("rejected", "draft")
    assert "No receipt" in desk.get("approval_detail", request.pk).content.decode()


def test_who_is_slower_is_told_who_decided(desk: Desk) -> None:
    request = desk.ask()
    task = task_of(request, desk.person)
    stand_in = make_approver(desk.ledger)
    hand_over(desk.person, stand_in)
    approve_for(desk.person, request, stand_in)

    response = desk.send("approval_approve", request.pk, task=task.pk)

    assert f"{stand_in.display_name()} was faster" in response.content.decode()


def approve_for(person: User, request: ApprovalRequest, actor: User) -> None:
    task = task_of(request, person)
    url = reverse("approvals:approval_approve", args=[request.pk])
    signed_in(actor).post(url, {"task": task.pk})


@pytest.mark.parametrize("task", ["", "x", "-1", "9" * 40, "٣", "0"])
def test_a_task_that_is_none_is_not_found(desk: Desk, task: str) -> None:
    request = desk.ask()

    response = desk.send("approval_approve", request.pk, task=task)

    assert response.status_code == 404
    assert state_of(request)[0] == "open"


def test_a_task_of_another_request_is_not_found(desk: Desk) -> None:
    one, other = desk.ask(), desk.ask()
    task = task_of(other, desk.person)

    assert desk.send("approval_approve", one.pk, task=task.pk).status_code == 404


def test_who_has_nothing_to_do_with_a_request_does_not_find_it(desk: Desk) -> None:
    request = desk.ask()
    colleague, stranger = make_approver(desk.ledger), make_approver(make_ledger())

    for person in (colleague, stranger):
        desk.client = signed_in(person)
        assert desk.get("approval_detail", request.pk).status_code == 404


def test_the_maker_and_the_auditor_read_it_and_cannot_answer(desk: Desk) -> None:
    request = desk.ask()
    auditor = make_user(desk.ledger.organization, Role.AUDITOR)

    for person in (request.maker, auditor):
        desk.client = signed_in(person)
        html = desk.get("approval_detail", request.pk).content.decode()
        assert "It waits for somebody else." in html


def test_whoever_decided_still_reads_it(desk: Desk) -> None:
    request = approve(desk.ask(), desk.person)

    html = desk.get("approval_detail", request.pk).content.decode()

    assert "data-answer" not in html
    assert "approved" in html


def test_a_link_never_approves(desk: Desk) -> None:
    request = desk.ask()

    response = desk.get("approval_approve", request.pk)

    assert response.status_code == 405
    assert state_of(request)[0] == "open"
