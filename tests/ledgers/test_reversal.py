"""Reversing a posted entry: once, exactly, in an open period, approved like any entry."""

from __future__ import annotations

from datetime import date

import pytest

from apps.ledgers.errors import CannotReverse, NoPeriod, ReasonIsMissing
from apps.ledgers.models import EntryKind, EntryState, JournalEntry
from apps.ledgers.services.closing.close import close_period
from apps.ledgers.services.decisions import reject_journal_entry
from apps.ledgers.services.drafts import cancel_journal_entry
from apps.ledgers.services.entry_facts import lines_of
from apps.ledgers.services.reversal import reverse_journal_entry
from apps.policies.words import ReversalStyle
from tests.factories import (
    make_account,
    make_approver,
    make_ledger,
    make_posted,
    make_senior,
    make_submitted,
    make_system_user,
    period_of,
)

pytestmark = pytest.mark.django_db


def make_wrong(**values: object) -> JournalEntry:
    """Return a posted entry of the 15th of January over 5.00."""
    ledger = make_ledger(**values)  # type: ignore[arg-type]
    return make_posted(ledger, (make_account(ledger), "5.00"), (make_account(ledger), "-5.00"))


def test_a_reversal_waits_for_another_person() -> None:
    wrong = make_wrong()
    senior = make_senior(wrong.ledger)

    reversal = reverse_journal_entry(wrong, actor=senior, reason="Wrong customer")

    assert (reversal.state, reversal.kind) == (EntryState.SUBMITTED, EntryKind.REVERSAL)
    assert (reversal.reversal_of, reversal.maker) == (wrong, senior)
    assert (reversal.entry_date, reversal.summary) == (wrong.entry_date, "Wrong customer")


@pytest.mark.parametrize(
    ("style", "sides"),
    [(ReversalStyle.RED, [1, -1]), (ReversalStyle.SWAP, [-1, 1])],
)
def test_the_style_of_the_ledger_decides_the_sides(style: str, sides: list[int]) -> None:
    wrong = make_wrong(reversal_style=style)

    reversal = reverse_journal_entry(wrong, actor=make_senior(wrong.ledger), reason="wrong")

    assert [line.base_amount for line in lines_of(reversal)] == [-5, 5]
    assert [line.side for line in lines_of(reversal)] == sides


def test_after_the_close_it_is_dated_on_the_first_open_day() -> None:
    wrong = make_wrong()
    january = period_of(wrong.ledger, 1)
    close_period(january, version=january.version, actor=make_system_user())

    reversal = reverse_journal_entry(wrong, actor=make_senior(wrong.ledger), reason="wrong")

    assert reversal.entry_date == date(2026, 2, 1)


def test_it_is_refused_without_a_reason() -> None:
    wrong = make_wrong()

    with pytest.raises(ReasonIsMissing):
        reverse_journal_entry(wrong, actor=make_senior(wrong.ledger), reason=" ")


def test_it_is_refused_for_what_is_not_posted() -> None:
    ledger = make_ledger()
    entry = make_submitted(
        ledger, (make_account(ledger), "5.00"), (make_account(ledger), "-5.00")
    )

    with pytest.raises(CannotReverse):
        reverse_journal_entry(entry, actor=make_senior(ledger), reason="wrong")


def test_a_second_reversal_is_refused_until_the_first_is_cancelled() -> None:
    wrong = make_wrong()
    senior, approver = make_senior(wrong.ledger), make_approver(wrong.ledger)
    first = reverse_journal_entry(wrong, actor=senior, reason="wrong")
    with pytest.raises(CannotReverse):
        reverse_journal_entry(wrong, actor=senior, reason="again")
    reject_journal_entry(first, version=first.version, actor=approver, reason="not needed")
    cancel_journal_entry(first, version=first.version, actor=senior)

    second = reverse_journal_entry(wrong, actor=senior, reason="again")

    assert second.reversal_of == wrong


def test_it_is_refused_when_no_period_is_open() -> None:
    wrong = make_wrong()
    for number in (1, 2, 3):
        period = period_of(wrong.ledger, number)
        close_period(period, version=period.version, actor=make_system_user())

    with pytest.raises(NoPeriod):
        reverse_journal_entry(wrong, actor=make_senior(wrong.ledger), reason="wrong")
