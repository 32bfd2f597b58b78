"""What is said about a round: returns, questions and answers, comments, files."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from apps.approvals.access import get_request_attachment_for, get_request_for, requests_for
from apps.approvals.errors import (
    DecisionReasonIsMissing,
    MakerNeverDecides,
    NothingIsAsked,
    NotInvolved,
    NotTheRequester,
    NotYourTask,
    RequestIsClosed,
    TextIsMissing,
    TextIsTooLong,
)
from apps.approvals.models import ApprovalRequest
from apps.approvals.services import talk
from apps.approvals.services.deciding import return_request
from apps.approvals.services.delegations import delegate
from apps.approvals.services.talk import answer, attach, comment
from apps.approvals.services.talk import ask as ask_maker
from apps.core.files import FileTypeIsRefused, TooManyFiles
from apps.ledgers.models import JournalEntry
from apps.organizations.models import User
from apps.organizations.permissions import Role
from tests.approvals.rounds import (
    approve,
    ask,
    ask_approvers,
    ask_for,
    make_entry,
    make_flow,
    make_round,
    state_of,
    task_of,
)
from tests.factories import make_approver, make_ledger, make_senior, make_user
from tests.ledgers.uploads import make_upload

if TYPE_CHECKING:
    from pathlib import Path

    from django.conf import LazySettings

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7 contract"


@pytest.fixture(autouse=True)
def _own_folder(settings: LazySettings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def person() -> User:
    """Return an approver."""
    return make_approver(make_ledger())


@pytest.fixture
def request_(person: User) -> ApprovalRequest:
    """Return a round that asks the approver, due within 8 hours."""
    ledger = make_ledger(person.organization)
    return make_round(ask(person, sla_hours=8), ledger=ledger)


def kinds_of(request: ApprovalRequest) -> list[str]:
    """Return what was done, in order."""
    return list(request.decisions.values_list("kind", flat=True))


def test_a_return_gives_the_entry_back_without_a_rejection(
    request_: ApprovalRequest, person: User
) -> None:
    task = task_of(request_, person)

    with pytest.raises(DecisionReasonIsMissing):
        return_request(task, " ", actor=person)
    return_request(task, "Add the contract", actor=person)

    entry = JournalEntry.objects.get(pk=request_.subject_id)
    assert (state_of(request_), entry.review_note) == (
        ("returned", "draft"),
        "Add the contract",
    )
    assert (task_of(request_, person).state, kinds_of(request_)[-1]) == ("returned", "return")


def test_the_maker_does_not_return_the_own_entry() -> None:
    ledger = make_ledger()
    person, maker = make_approver(ledger), make_senior(ledger)
    make_flow(ledger.organization, ask_approvers())
    request = ask_for(make_entry(ledger, maker=maker))

    with pytest.raises(MakerNeverDecides):
        return_request(task_of(request, person), "x", actor=maker)


def test_a_question_leaves_the_round_open_and_an_answer_is_given_once(
    request_: ApprovalRequest, person: User
) -> None:
    asked = ask_maker(request_, "Which contract?", actor=person)

    assert asked.asked_at is not None
    answer(request_, "No. 7", actor=request_.maker)
    with pytest.raises(NothingIsAsked):
        answer(request_, "No. 8", actor=request_.maker)

    assert (state_of(request_), request_.asked_at) == (("open", "submitted"), None)
    assert kinds_of(request_) == ["submit", "ask", "answer"]
    assert [one.reason for one in request_.decisions.all()[1:]] == ["Which contract?", "No. 7"]
    approve(request_, person)
    assert state_of(request_) == ("approved", "approved")


def test_who_is_asked_may_decide_without_waiting_for_the_answer(
    request_: ApprovalRequest, person: User
) -> None:
    ask_maker(request_, "Which contract?", actor=person)
    approve(request_, person)

    with pytest.raises(RequestIsClosed, match=person.username):
        answer(request_, "No. 7", actor=request_.maker)


def test_the_clock_of_a_task_stands_still_while_a_question_is_open(
    request_: ApprovalRequest, person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    due_at = task_of(request_, person).due_at
    ask_maker(request_, "Which contract?", actor=person)
    request_.refresh_from_db()
    assert due_at
    assert request_.asked_at

    later = request_.asked_at + timedelta(hours=5)
    monkeypatch.setattr(timezone, "now", lambda: later)
    answer(request_, "No. 7", actor=request_.maker)

    assert task_of(request_, person).due_at == due_at + timedelta(hours=5)


def test_only_who_is_asked_asks_and_only_the_maker_answers(
    request_: ApprovalRequest, person: User
) -> None:
    stranger = make_user(request_.organization, Role.APPROVER)

    with pytest.raises(NotYourTask):
        ask_maker(request_, "Why?", actor=stranger)
    with pytest.raises(MakerNeverDecides):
        ask_maker(request_, "Why?", actor=request_.maker)
    ask_maker(request_, "Why?", actor=person)
    with pytest.raises(NotTheRequester):
        answer(request_, "Because", actor=person)

    assert kinds_of(request_) == ["submit", "ask"]


def test_a_stand_in_asks_for_the_person_asked(request_: ApprovalRequest, person: User) -> None:
    stand_in, today = make_user(request_.organization, Role.APPROVER), timezone.localdate()
    delegate(stand_in, (today, today), actor=person)

    ask_maker(request_, "Why?", actor=stand_in)

    assert request_.decisions.get(kind="ask").way == [person.pk, stand_in.pk]


@pytest.mark.parametrize(("text", "error"), [(" ", TextIsMissing), ("x" * 501, TextIsTooLong)])
def test_a_question_is_neither_empty_nor_cut_off(
    request_: ApprovalRequest, person: User, text: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        ask_maker(request_, text, actor=person)

    assert kinds_of(request_) == ["submit"]


def test_those_involved_comment_also_when_it_is_decided(
    request_: ApprovalRequest, person: User
) -> None:
    approve(request_, person)
    comment(request_, "Seen the original", actor=person)
    comment(request_, "Thank you", actor=request_.maker)

    with pytest.raises(NotInvolved):
        comment(request_, "Me too", actor=make_user(request_.organization, Role.APPROVER))
    with pytest.raises(NotInvolved):
        comment(request_, "Me too", actor=make_approver(make_ledger()))

    assert [one.text for one in request_.comments.all()] == ["Seen the original", "Thank you"]


def test_a_file_is_shown_with_an_open_round_and_once(
    request_: ApprovalRequest, person: User
) -> None:
    first = attach(request_, make_upload("a.pdf", PDF), actor=request_.maker)

    assert attach(request_, make_upload("b.pdf", PDF), actor=person) == first
    assert get_request_attachment_for(person, first.pk).filename == "a.pdf"
    approve(request_, person)
    with pytest.raises(RequestIsClosed):
        attach(request_, make_upload("c.pdf", PDF + b"2"), actor=person)

    assert request_.attachments.count() == 1


def test_a_file_that_may_not_be_shown_is_refused(
    request_: ApprovalRequest, person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(talk, "MAX_FILES", 0)

    with pytest.raises(FileTypeIsRefused):
        attach(request_, make_upload("a.exe", b"MZ"), actor=person)
    with pytest.raises(NotInvolved):
        attach(request_, make_upload("a.pdf", PDF), actor=make_approver(make_ledger()))
    with pytest.raises(TooManyFiles):
        attach(request_, make_upload("a.pdf", PDF), actor=person)

    assert not request_.attachments.exists()


def test_a_stranger_sees_no_request_and_the_people_of_one_do(
    request_: ApprovalRequest, person: User
) -> None:
    admin = make_user(request_.organization, Role.ADMIN)
    others = make_user(make_ledger().organization, Role.APPROVER)

    assert get_request_for(person, request_.pk) == request_
    assert get_request_for(request_.maker, request_.pk) == request_
    assert not requests_for(admin).exists()
    assert not requests_for(others).exists()
