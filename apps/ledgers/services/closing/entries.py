"""Entries that a close computes: made by the system, checked by who started the step.

They walk the steps of every entry, in one transaction, into the period of the close, which
may be closing or the thirteenth: a date alone does not lead there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Max
from django.utils import timezone

from apps.ledgers.closing_errors import PeriodTakesNoClosingEntries
from apps.ledgers.domain.entries import CREDIT, DEBIT, EntryInput, LineInput
from apps.ledgers.models import (
    CloseRun,
    ClosingEntry,
    EntryState,
    JournalEntry,
    Ledger,
    Period,
    PeriodState,
    Word,
)
from apps.ledgers.services.drafts import header_of, write_lines
from apps.ledgers.services.entry_facts import content_hash_of, lines_of
from apps.ledgers.services.entry_policy import policy_id_on, reversal_style_on
from apps.ledgers.services.posting import post_journal_entries
from apps.ledgers.services.system_entries import system_maker
from apps.policies.words import ReversalStyle

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from apps.ledgers.services.closing.balances import Balance
    from apps.organizations.models import User

TAKES_CLOSING_ENTRIES = (PeriodState.OPEN, PeriodState.CLOSING)


def require_closing_entries(period: Period) -> None:
    """Check that closing entries may go into a period.

    Raises:
        PeriodTakesNoClosingEntries: it is neither open nor closing.
    """
    if period.state not in TAKES_CLOSING_ENTRIES:
        raise PeriodTakesNoClosingEntries(period=str(period))


def working_run(period: Period, *, actor: User) -> CloseRun:
    """Return the run that a period is in, begun now if there is none.

    Call it where closing steps of the period are held.
    """
    runs = CloseRun.objects.filter(period=period)
    found = runs.exclude(state=CloseRun.State.REOPENED).first()
    if found is not None:
        return found
    last = runs.aggregate(last=Max("number"))["last"] or 0
    return CloseRun.objects.create(period=period, number=last + 1, started_by=actor)


def post_closing_entry(
    run: CloseRun,
    content: EntryInput,
    *,
    actor: User,
    period: Period | None = None,
    reversal_of: JournalEntry | None = None,
    facts: dict[str, Any] | None = None,
) -> JournalEntry:
    """Make and post an entry of a run, into the run's period unless another is named.

    Raises:
        FinanceError: the database refused a line, the period or a balance.
    """
    entry = _write(period or run.period, content, actor=actor, reversal_of=reversal_of)
    ClosingEntry.objects.create(run=run, entry=entry, facts=facts or {})
    post_journal_entries([entry], actor=actor)
    entry.refresh_from_db()
    return entry


def reverse_closing_entry(
    run: CloseRun, entry: JournalEntry, *, actor: User, day: date, period: Period, summary: str
) -> JournalEntry:
    """Post the reversal of a closing entry, in the style of the ledger."""
    is_red = reversal_style_on(entry.ledger, day) == ReversalStyle.RED
    content = EntryInput(
        entry_date=day,
        lines=tuple(line.red() if is_red else line.swapped() for line in lines_of(entry)),
        word=entry.word,
        summary=summary[:200],
        kind="reversal",
    )
    return post_closing_entry(
        run, content, actor=actor, period=period, reversal_of=entry, facts={"of": entry.pk}
    )


def closing_line(
    balance: Balance, amount: Decimal, base_amount: Decimal, summary: str
) -> LineInput:
    """Return a line on the account, dimensions and currency of a balance, side by sign."""
    return LineInput(
        account_id=balance.account_id,
        side=DEBIT if base_amount > 0 or (not base_amount and amount > 0) else CREDIT,
        amount=amount,
        base_amount=base_amount,
        currency=balance.currency,
        summary=summary,
        dimension_set_id=balance.dimension_set_id,
    )


def base_line(account_id: int, base_amount: Decimal, currency: str, summary: str) -> LineInput:
    """Return a line in the base currency, side by sign."""
    return LineInput(
        account_id=account_id,
        side=DEBIT if base_amount > 0 else CREDIT,
        amount=base_amount,
        base_amount=base_amount,
        currency=currency,
        summary=summary,
    )


def word_of(ledger: Ledger) -> str:
    """Return the word of closing entries: 转 where the ledger uses it, else 记."""
    uses_words = JournalEntry.objects.filter(ledger=ledger, word=Word.TRANSFER).exists()
    return Word.TRANSFER if uses_words else Word.GENERAL


def _write(
    period: Period, content: EntryInput, *, actor: User, reversal_of: JournalEntry | None
) -> JournalEntry:
    """Write an entry as its maker and checker would have, up to approved."""
    maker, now = system_maker(period.ledger), timezone.now()
    entry = JournalEntry.create_versioned(
        actor=maker,
        ledger=period.ledger,
        period=period,
        maker=maker,
        source=JournalEntry.Source.SYSTEM,
        policy_id=policy_id_on(period.ledger, content.entry_date),
        reversal_of=reversal_of,
        **header_of(content),
    )
    write_lines(entry, content.lines)
    for changes in (
        {
            "state": EntryState.SUBMITTED,
            "submitted_at": now,
            "content_hash": content_hash_of(entry),
        },
        {"state": EntryState.APPROVED, "approved_at": now, "checker": actor},
    ):
        entry.update_versioned(
            actor=actor, reason="close", expected_version=entry.version, **changes
        )
    return entry
