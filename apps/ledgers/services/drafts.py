"""Drafting: create, save, submit, withdraw, cancel and copy entries.

A draft may be out of balance; what it takes to be submitted is checked at submission.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError
from django.utils import timezone

from apps.core.operation import operation
from apps.core.rounds import rounds
from apps.core.text import clean_text
from apps.ledgers.database_errors import refusals_in_words
from apps.ledgers.domain.entries import EntryInput, LineInput
from apps.ledgers.errors import EntryHasProblems, NotTheMaker
from apps.ledgers.models import EntryState, JournalEntry, JournalLine
from apps.ledgers.services.entry_facts import (
    content_hash_of,
    lines_of,
    period_taking_entries,
    problems_of_entry,
    require_state,
    require_version,
)
from apps.ledgers.services.entry_policy import policy_id_on
from apps.ledgers.services.import_rounds import leave_import
from apps.ledgers.services.rates import rerated
from apps.ledgers.services.subject_kinds import subject_kind_of

if TYPE_CHECKING:
    from datetime import date

    from apps.ledgers.models import Ledger
    from apps.organizations.models import User


def create_draft(
    ledger: Ledger,
    content: EntryInput,
    *,
    actor: User,
    form_key: str | None = None,
    **links: Any,
) -> JournalEntry:
    """Make a draft; the same `form_key` gives the draft of the first time.

    `links` are what the draft comes from: `reversal_of`, `source`, `journal_import`.

    Raises:
        NoPeriod, PeriodTakesNoEntries: the date cannot be used.
        InvalidText: a summary holds hidden characters.
    """
    made = _made_with(ledger, form_key)
    if made is not None:
        return made
    period = period_taking_entries(ledger, content.entry_date, content.kind)
    try:
        with operation("journal_entry.create", actor=actor), refusals_in_words():
            entry = JournalEntry.create_versioned(
                actor=actor,
                ledger=ledger,
                period=period,
                maker=actor,
                idempotency_key=form_key,
                policy_id=policy_id_on(ledger, content.entry_date),
                **header_of(content),
                **links,
            )
            write_lines(entry, content.lines)
    except IntegrityError:
        made = _made_with(ledger, form_key)
        if made is None:
            raise
        return made
    return entry


def save_draft(
    entry: JournalEntry, content: EntryInput, *, version: int, actor: User
) -> JournalEntry:
    """Write a draft anew, header and lines.

    Raises:
        StaleVersion: somebody saved it after `version`.
        IllegalStep: it is not a draft any more.
        NotTheMaker: it is somebody else's draft.
        NoPeriod, PeriodTakesNoEntries: the date cannot be used.
    """
    _require_maker(entry, actor)
    require_state(entry, EntryState.DRAFT)
    period = period_taking_entries(entry.ledger, content.entry_date, content.kind)
    with operation("journal_entry.save", actor=actor), refusals_in_words():
        entry.update_versioned(
            actor=actor,
            reason="save",
            expected_version=version,
            period=period,
            policy_id=policy_id_on(entry.ledger, content.entry_date),
            **header_of(content),
        )
        if lines_of(entry) != content.lines or _dates_differ(entry):
            entry.lines.all().delete()
            write_lines(entry, content.lines)
    return entry


def submit_journal_entry(entry: JournalEntry, *, version: int, actor: User) -> JournalEntry:
    """Hand a draft over to those who approve; content and policy are fixed from now on.

    Raises:
        EntryHasProblems: with every problem at its line and field.
        StaleVersion, IllegalStep, NotTheMaker: see `save_draft`.
        FinanceError: the flow of approval finds nobody who could approve it.
    """
    with operation("journal_entry.submit", actor=actor):
        mark_submitted(entry, version=version, actor=actor)
        rounds().begin(subject_kind_of(entry), entry.pk, actor=actor)
    return entry


def mark_submitted(entry: JournalEntry, *, version: int, actor: User) -> JournalEntry:
    """Move a draft to submitted, without asking anybody to approve it.

    Raises:
        EntryHasProblems, StaleVersion, IllegalStep, NotTheMaker: see `submit_journal_entry`.
    """
    _require_maker(entry, actor)
    require_state(entry, EntryState.DRAFT)
    period_taking_entries(entry.ledger, entry.entry_date, entry.kind)
    problems = problems_of_entry(entry)
    if problems:
        raise EntryHasProblems(problems)
    with operation("journal_entry.submit", actor=actor), refusals_in_words():
        entry.update_versioned(
            actor=actor,
            reason="submit",
            expected_version=version,
            state=EntryState.SUBMITTED,
            submitted_at=timezone.now(),
            review_note="",
            content_hash=content_hash_of(entry),
            policy_id=policy_id_on(entry.ledger, entry.entry_date),
        )
    return entry


def withdraw_journal_entry(entry: JournalEntry, *, version: int, actor: User) -> JournalEntry:
    """Take a submitted entry back into draft; its round of approval ends.

    One that waits with its import leaves it, and the others are asked for anew.

    Raises:
        NotTheMaker, IllegalStep, StaleVersion: see `save_draft`.
        FinanceError: somebody decided faster; it says who.
    """
    _require_maker(entry, actor)
    require_version(entry, version)
    if not rounds().withdraw(subject_kind_of(entry), entry.pk, actor=actor):
        return leave_import(entry, lambda: mark_withdrawn(entry, version=version, actor=actor))
    entry.refresh_from_db()
    return entry


def mark_withdrawn(entry: JournalEntry, *, version: int, actor: User) -> JournalEntry:
    """Move a submitted entry back to draft.

    Raises:
        NotTheMaker, IllegalStep, StaleVersion: see `save_draft`.
    """
    _require_maker(entry, actor)
    require_state(entry, EntryState.SUBMITTED)
    with operation("journal_entry.withdraw", actor=actor), refusals_in_words():
        return entry.update_versioned(
            actor=actor,
            reason="withdraw",
            expected_version=version,
            state=EntryState.DRAFT,
            submitted_at=None,
        )


def cancel_journal_entry(entry: JournalEntry, *, version: int, actor: User) -> JournalEntry:
    """Cancel a draft 作废: the row stays, counts nowhere and never gets a number.

    Raises:
        NotTheMaker, IllegalStep, StaleVersion: see `save_draft`.
    """
    _require_maker(entry, actor)
    require_state(entry, EntryState.DRAFT)
    with operation("journal_entry.cancel", actor=actor), refusals_in_words():
        return entry.update_versioned(
            actor=actor,
            reason="cancel",
            expected_version=version,
            state=EntryState.CANCELLED,
        )


def copy_journal_entry(entry: JournalEntry, *, entry_date: date, actor: User) -> JournalEntry:
    """Make a draft of the same lines on another day, at the rates of that day.

    Raises:
        NoPeriod, PeriodTakesNoEntries: the date cannot be used.
        NoRate: a line is in a currency that has no fresh rate on it.
    """
    content = EntryInput(
        entry_date=entry_date,
        lines=tuple(rerated(line, entry.ledger, entry_date) for line in lines_of(entry)),
        word=entry.word,
        summary=entry.summary,
    )
    return create_draft(entry.ledger, content, actor=actor)


def _made_with(ledger: Ledger, form_key: str | None) -> JournalEntry | None:
    if form_key is None:
        return None
    return JournalEntry.objects.filter(ledger=ledger, idempotency_key=form_key).first()


def _require_maker(entry: JournalEntry, actor: User) -> None:
    if entry.maker_id != actor.pk:
        raise NotTheMaker


def _dates_differ(entry: JournalEntry) -> bool:
    return entry.lines.exclude(entry_date=entry.entry_date).exists()


def header_of(content: EntryInput) -> dict[str, Any]:
    """Return the columns of an entry that its content decides."""
    return {
        "word": content.word,
        "entry_date": content.entry_date,
        "kind": content.kind,
        "summary": clean_text(content.summary, field="summary"),
        "total": content.total(),
    }


def write_lines(entry: JournalEntry, lines: Iterable[LineInput]) -> None:
    """Write the lines of a draft that has none."""
    JournalLine.objects.bulk_create(
        [
            JournalLine(
                ledger_id=entry.ledger_id,
                entry=entry,
                position=position,
                entry_date=entry.entry_date,
                account_id=line.account_id,
                dimension_set_id=line.dimension_set_id,
                side=line.side,
                currency_id=line.currency,
                amount=line.amount,
                rate=line.rate,
                rate_per=line.rate_per,
                rate_type=line.rate_type,
                rate_source=line.rate_source,
                rate_on=line.rate_on,
                rate_ids=list(line.rate_ids) or None,
                base_amount=line.base_amount,
                summary=clean_text(line.summary, field="summary"),
            )
            for position, line in enumerate(lines, start=1)
        ]
    )
