"""An approval is taken back once, by who gave it, and asked for anew."""

from __future__ import annotations

from typing import Any

import pytest

from apps.approvals.errors import DecisionReasonIsMissing, NotTheApprover, RequestIsClosed
from apps.approvals.models import ApprovalRequest
from apps.approvals.services.requests import take_back_round
from apps.ledgers.models import JournalEntry
from apps.ledgers.services.decisions import unapprove_journal_entry
from apps.ledgers.services.drafts import mark_submitted, mark_withdrawn, save_draft
from apps.organizations.models import User
from tests.approvals.rounds import approve, ask, make_round, state_of
from tests.factories import make_account, make_approver, make_content, make_ledger
from tests.sql import refuse, run

pytestmark = pytest.mark.django_db
STEP, TOO_FEW, UNIQUE = "FM051", "FM054", "23505"
UNAPPROVE = (
    "INSERT INTO approvals_approvaldecision (request_id, kind, actor_id, way, reason, at)"
    " VALUES (%(request)s, 'unapprove', %(actor)s, '{}', '', now())"
)


@pytest.fixture
def person() -> User:
    """Return an approver."""
    return make_approver(make_ledger())


@pytest.fixture
def approved(person: User) -> ApprovalRequest:
    """Return a round that the approver has approved."""
    ledger = make_ledger(person.organization)
    return approve(make_round(ask(person), ledger=ledger), person)


def unapprove(request: ApprovalRequest, person: User) -> JournalEntry:
    """Take the approval of the entry back."""
    entry = JournalEntry.objects.get(pk=request.subject_id)
    values: dict[str, Any] = {"version": entry.version, "reason": "Too fast"}
    return unapprove_journal_entry(entry, actor=person, **values)


def test_the_round_is_undone_and_another_one_asks_again(
    approved: ApprovalRequest, person: User
) -> None:
    unapprove(approved, person)

    decision = approved.decisions.get(kind="unapprove")
    assert (decision.actor, decision.reason) == (person, "Too fast")
    assert state_of(approved) == ("undone", "submitted")
    again = ApprovalRequest.objects.get(subject_id=approved.subject_id, state="open")
    assert [task.person for task in again.tasks.all()] == [person]
    approve(again, person)
    assert state_of(again) == ("approved", "approved")
    assert approved.decisions.filter(kind="approve").count() == 1


def test_an_approval_is_taken_back_once_and_the_second_is_told_who_did(
    approved: ApprovalRequest, person: User
) -> None:
    unapprove(approved, person)

    with pytest.raises(RequestIsClosed, match=person.username):
        take_back_round(approved, actor=person, reason="Again")

    assert approved.decisions.filter(kind="unapprove").count() == 1


def test_only_who_approved_takes_it_back_and_says_why(
    approved: ApprovalRequest, person: User
) -> None:
    other = make_approver(make_ledger(person.organization))

    with pytest.raises(NotTheApprover):
        take_back_round(approved, actor=other, reason="I would not")
    with pytest.raises(NotTheApprover):
        take_back_round(approved, actor=approved.maker, reason="I would not")
    with pytest.raises(DecisionReasonIsMissing):
        take_back_round(approved, actor=person, reason=" ")

    assert state_of(approved) == ("approved", "approved")


def test_a_round_that_is_open_cannot_be_taken_back(person: User) -> None:
    request = make_round(ask(person), ledger=make_ledger(person.organization))

    with pytest.raises(RequestIsClosed):
        take_back_round(request, actor=person, reason="Too fast")


def test_postgresql_undoes_only_what_was_approved_and_taken_back(
    approved: ApprovalRequest, person: User
) -> None:
    undo = "UPDATE approvals_approvalrequest SET state = 'undone'"
    values = {"request": approved.pk}

    refuse(TOO_FEW, undo)
    refuse(TOO_FEW, UNAPPROVE, actor=person.pk, **values)
    refuse(STEP, UNAPPROVE, actor=approved.maker_id, **values)
    run(UNAPPROVE, actor=person.pk, **values)
    refuse(STEP, f"{undo}, closed_at = now() + '1 hour'")
    run(undo)
    refuse(STEP, UNAPPROVE, actor=person.pk, **values)
    refuse(STEP, "UPDATE approvals_approvalrequest SET state = 'approved'")


def test_an_open_round_is_not_undone(person: User) -> None:
    make_round(ask(person), ledger=make_ledger(person.organization))

    refuse(STEP, "UPDATE approvals_approvalrequest SET state = 'undone', closed_at = now()")


APPROVED_RAW = (
    "UPDATE ledgers_journalentry SET state = 'approved', checker_id = %(checker)s,"
    " approved_at = now(), version = version + 1 WHERE id = %(entry)s"
)


def taken_back_around(request: ApprovalRequest) -> JournalEntry:
    """Take an approval back in the books alone: the round still says approved."""
    run(
        "UPDATE ledgers_journalentry SET state = 'submitted', checker_id = NULL,"
        f" approved_at = NULL, version = version + 1 WHERE id = {request.subject_id}"
    )
    return JournalEntry.objects.get(pk=request.subject_id)


def test_an_old_round_approves_no_other_content(
    approved: ApprovalRequest, person: User
) -> None:
    entry, maker = taken_back_around(approved), approved.maker
    mark_withdrawn(entry, version=entry.version, actor=maker)
    lines = (make_account(entry.ledger), "7"), (make_account(entry.ledger), "-7")
    save_draft(entry, make_content(*lines), version=entry.version, actor=maker)
    mark_submitted(entry, version=entry.version, actor=maker)

    refuse("FM058", APPROVED_RAW, checker=person.pk, entry=entry.pk)


def test_nobody_is_written_down_as_checker_who_approved_nothing(
    approved: ApprovalRequest, person: User
) -> None:
    entry = taken_back_around(approved)
    other = make_approver(entry.ledger)

    refuse("FM058", APPROVED_RAW, checker=other.pk, entry=entry.pk)
    run(APPROVED_RAW, checker=person.pk, entry=entry.pk)
