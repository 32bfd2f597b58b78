"""Decisions of another person, within limits, and taking them back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from apps.core.errors import StaleVersion
from apps.ledgers.errors import (
    AboveLimit,
    IllegalStep,
    MakerIsChecker,
    NotTheChecker,
    ReasonIsMissing,
)
from apps.ledgers.models import EntryState, JournalEntry
from apps.ledgers.services.decisions import (
    approve_journal_entry,
    mark_returned,
    reject_journal_entry,
    unapprove_journal_entry,
)
from apps.ledgers.services.posting import post_journal_entries, post_journal_entry
from apps.organizations.models import User
from apps.organizations.permissions import Role
from apps.organizations.services.people import grant_role
from tests.factories import (
    make_account,
    make_accountant,
    make_approved,
    make_approver,
    make_ledger,
    make_posted,
    make_senior,
    make_submitted,
    make_system_user,
    make_user,
)

pytestmark = pytest.mark.django_db


def make_waiting(amount: str = "5.00", **values: object) -> JournalEntry:
    """Return a submitted entry over an amount."""
    ledger = make_ledger()
    lines = (make_account(ledger), amount), (make_account(ledger), f"-{amount}")
    return make_submitted(ledger, *lines, **values)


def checker_of(entry: JournalEntry) -> User:
    """Return who approved the entry."""
    assert entry.checker is not None
    return entry.checker


def test_another_person_approves() -> None:
    entry = make_waiting()
    approver = make_approver(entry.ledger)

    approve_journal_entry(entry, version=entry.version, actor=approver)

    assert (entry.state, entry.checker) == (EntryState.APPROVED, approver)


def test_nobody_decides_about_the_own_entry() -> None:
    ledger = make_ledger()
    maker = make_senior(ledger)
    lines = (make_account(ledger), "5.00"), (make_account(ledger), "-5.00")
    entry = make_submitted(ledger, *lines, maker=maker)

    with pytest.raises(MakerIsChecker):
        approve_journal_entry(entry, version=entry.version, actor=maker)
    with pytest.raises(MakerIsChecker):
        reject_journal_entry(entry, version=entry.version, actor=maker, reason="no")


def test_an_entry_given_back_is_a_draft_with_a_note_and_never_by_its_maker() -> None:
    entry = make_waiting()
    approver = make_approver(entry.ledger)
    values: dict[str, Any] = {"version": entry.version, "reason": "Add the contract"}

    with pytest.raises(MakerIsChecker):
        mark_returned(entry, actor=entry.maker, **values)
    with pytest.raises(ReasonIsMissing):
        mark_returned(entry, version=entry.version, actor=approver, reason=" ")
    mark_returned(entry, actor=approver, **values)

    assert (entry.state, entry.review_note) == (EntryState.DRAFT, "Add the contract")


@pytest.mark.parametrize(("amount", "is_allowed"), [("1000.00", True), ("1000.01", False)])
def test_the_limit_of_the_assignment_counts(amount: str, *, is_allowed: bool) -> None:
    entry = make_waiting(amount)
    approver = make_user(entry.ledger.organization)
    grant_role(approver, Role.APPROVER, actor=make_system_user(), approval_limit=Decimal(1000))

    if is_allowed:
        approve_journal_entry(entry, version=entry.version, actor=approver)
    else:
        with pytest.raises(AboveLimit, match=r"1000"):
            approve_journal_entry(entry, version=entry.version, actor=approver)


def test_a_senior_accountant_has_the_limit_of_the_role() -> None:
    entry = make_waiting("500000.01")

    with pytest.raises(AboveLimit):
        approve_journal_entry(entry, version=entry.version, actor=make_senior(entry.ledger))


def test_somebody_without_the_duty_may_approve_nothing() -> None:
    entry = make_waiting("0.01")

    with pytest.raises(AboveLimit):
        approve_journal_entry(entry, version=entry.version, actor=make_accountant(entry.ledger))


def test_a_rejection_returns_the_entry_with_its_reason() -> None:
    entry = make_waiting()

    reject_journal_entry(
        entry, version=entry.version, actor=make_approver(entry.ledger), reason="No invoice"
    )

    assert (entry.state, entry.review_note) == (EntryState.DRAFT, "No invoice")
    assert JournalEntry.objects.returned_to(entry.maker).get() == entry


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_rejection_needs_a_reason(reason: str) -> None:
    entry = make_waiting()

    with pytest.raises(ReasonIsMissing):
        reject_journal_entry(
            entry, version=entry.version, actor=make_approver(entry.ledger), reason=reason
        )


def test_the_second_of_two_approvers_is_told() -> None:
    entry = make_waiting()
    seen_by_both = entry.version
    same = JournalEntry.objects.get(pk=entry.pk)
    approve_journal_entry(entry, version=seen_by_both, actor=make_approver(entry.ledger))

    with pytest.raises(StaleVersion):
        approve_journal_entry(same, version=seen_by_both, actor=make_approver(entry.ledger))


def test_only_the_checker_takes_an_approval_back() -> None:
    ledger = make_ledger()
    entry = make_approved(
        ledger, (make_account(ledger), "5.00"), (make_account(ledger), "-5.00")
    )
    with pytest.raises(NotTheChecker):
        unapprove_journal_entry(
            entry, version=entry.version, actor=make_approver(ledger), reason="mistake"
        )

    unapprove_journal_entry(
        entry, version=entry.version, actor=checker_of(entry), reason="mistake"
    )

    assert (entry.state, entry.checker) == (EntryState.SUBMITTED, None)


def test_a_posted_entry_is_final() -> None:
    ledger = make_ledger()
    entry = make_posted(ledger, (make_account(ledger), "5.00"), (make_account(ledger), "-5.00"))

    with pytest.raises(IllegalStep):
        unapprove_journal_entry(
            entry, version=entry.version, actor=checker_of(entry), reason="mistake"
        )
    with pytest.raises(IllegalStep):
        post_journal_entry(entry, version=entry.version, actor=make_senior(ledger))


def test_posting_at_a_stale_version_posts_nothing() -> None:
    ledger = make_ledger()
    lines = (make_account(ledger), "5.00"), (make_account(ledger), "-5.00")
    first, second = make_approved(ledger, *lines), make_approved(ledger, *lines)

    with pytest.raises(StaleVersion):
        post_journal_entries(
            [first, second], actor=make_senior(ledger), versions=[first.version, 1]
        )

    assert not JournalEntry.objects.posted().exists()
