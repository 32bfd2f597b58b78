"""Correcting a posted entry: one linked reversal, red-letter or with swapped sides.

The reversal carries the same amounts, never re-rated, with the other sign. It is born
submitted: another person approves it like any entry.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import IntegrityError

from apps.core.operation import operation
from apps.ledgers.database_errors import refusals_in_words
from apps.ledgers.domain.entries import EntryInput
from apps.ledgers.errors import CannotReverse, NoPeriod, ReasonIsMissing
from apps.ledgers.models import ClosingEntry, EntryKind, EntryState, JournalEntry, Period
from apps.ledgers.services.drafts import create_draft, submit_journal_entry
from apps.ledgers.services.entry_facts import lines_of, period_taking_entries
from apps.ledgers.services.entry_policy import reversal_style_on
from apps.ledgers.services.open_items import require_unsettled
from apps.policies.words import ReversalStyle

if TYPE_CHECKING:
    from apps.organizations.models import User


def reverse_journal_entry(
    entry: JournalEntry, *, actor: User, reason: str, entry_date: date | None = None
) -> JournalEntry:
    """Make and submit the reversal of a posted entry.

    Without a date it is dated like the original while that period is open, else on the
    first day of the first open period after it.

    Raises:
        CannotReverse: the entry is not posted, is a reversal, or has one already.
        ItemsAreSettled: an item of it is settled, or it is the entry of a settlement.
        ReasonIsMissing: there is no reason.
        NoPeriod, PeriodTakesNoEntries: the date cannot be used.
    """
    if not reason.strip():
        raise ReasonIsMissing(field="reason")
    if not can_be_reversed(entry):
        raise CannotReverse
    require_unsettled(entry)
    day = entry_date or default_reversal_date(entry)
    is_red = reversal_style_on(entry.ledger, day) == ReversalStyle.RED
    content = EntryInput(
        entry_date=day,
        lines=tuple(line.red() if is_red else line.swapped() for line in lines_of(entry)),
        word=entry.word,
        summary=reason[:200],
        kind=EntryKind.REVERSAL,
    )
    try:
        with operation("journal_entry.reverse", actor=actor, reason=reason):
            return _make_reversal(entry, content, actor=actor)
    except IntegrityError as error:
        raise CannotReverse from error


def can_be_reversed(entry: JournalEntry) -> bool:
    """Say whether the entry is posted, no reversal itself, and not reversed yet.

    What a close posted is undone by reopening its period, never by hand.
    """
    return (
        entry.state == EntryState.POSTED
        and entry.reversal_of_id is None
        and not entry.reversals.exclude(state=EntryState.CANCELLED).exists()
        and not ClosingEntry.objects.filter(entry=entry).exists()
    )


def default_reversal_date(entry: JournalEntry) -> date:
    """Return the day a reversal is dated unless somebody chooses another.

    Raises:
        NoPeriod: no period is open on or after the original's.
    """
    periods = Period.objects.filter(ledger=entry.ledger, is_adjustment=False).open()
    if periods.filter(pk=entry.period_id).exists():
        return entry.entry_date
    later = periods.filter(starts_on__gt=entry.entry_date).order_by("starts_on").first()
    if later is None:
        raise NoPeriod(field="entry_date", date=entry.entry_date)
    return later.starts_on


def _make_reversal(entry: JournalEntry, content: EntryInput, *, actor: User) -> JournalEntry:
    period_taking_entries(entry.ledger, content.entry_date)
    with refusals_in_words():
        reversal = create_draft(entry.ledger, content, actor=actor, reversal_of=entry)
        return submit_journal_entry(reversal, version=reversal.version, actor=actor)
