"""Profit transfer 结转损益: profit and loss to the profit of the year.

Every profit-and-loss account is brought to nil by dimensions and currency, in the bucket of
closing entries, so that income statements still show what was earned. A second run posts
only what came since the first, and nothing where nothing came.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from apps.core.operation import operation
from apps.ledgers.database_errors import refusals_in_words
from apps.ledgers.domain.entries import EntryInput, LineInput
from apps.ledgers.models import EntryKind
from apps.ledgers.services.closing.balances import PROFIT_AND_LOSS, balances_through
from apps.ledgers.services.closing.entries import (
    base_line,
    closing_line,
    post_closing_entry,
    require_closing_entries,
    word_of,
    working_run,
)
from apps.ledgers.services.closing.locks import hold_closing_steps
from apps.ledgers.services.closing.settings import closing_account

if TYPE_CHECKING:
    from apps.ledgers.models import JournalEntry, Period
    from apps.organizations.models import User

NOTHING = Decimal(0)


def transfer_profit(period: Period, *, actor: User) -> JournalEntry | None:
    """Post what is left to transfer at the end of a period; None when nothing is.

    Raises:
        PeriodTakesNoClosingEntries: the period is neither open nor closing.
        ClosingAccountIsMissing: the ledger has no account for the profit of the year.
    """
    require_closing_entries(period)
    with operation("period.transfer", actor=actor), refusals_in_words(), transaction.atomic():
        hold_closing_steps(period)
        summary = _("Profit transfer %(period)s") % {"period": period}
        lines = _lines(period, summary)
        if not lines:
            return None
        content = EntryInput(
            entry_date=period.ends_on,
            lines=lines,
            word=word_of(period.ledger),
            summary=summary,
            kind=EntryKind.PROFIT_TRANSFER,
        )
        return post_closing_entry(working_run(period, actor=actor), content, actor=actor)


def _lines(period: Period, summary: str) -> tuple[LineInput, ...]:
    """Return the lines that clear the accounts, income and expenses each against one line."""
    balances = list(balances_through(period, PROFIT_AND_LOSS))
    if not balances:
        return ()
    lines = [closing_line(one, -one.amount, -one.base_amount, summary) for one in balances]
    profit = closing_account(period.ledger, "profit_account").pk
    for section in sorted({one.section for one in balances}, reverse=True):
        parts = (one.base_amount for one in balances if one.section == section)
        amount = sum(parts, start=NOTHING)
        if amount:
            lines.append(base_line(profit, amount, period.ledger.base_currency_id, summary))
    return tuple(lines)
