"""The entry of a settlement: what it gained or lost, and amounts between dimensions.

    Dr 1122 [customer] USD 0.00 = CNY 800.00     Cr 6603 CNY 800.00     a gain

Each combination of dimensions is moved by what its items lose, so that the balance of each
goes to zero with them. A settlement in base currency within one combination needs no entry.
"""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from apps.ledgers.domain.entries import CREDIT, DEBIT, EntryInput, LineInput, NewEntry
from apps.ledgers.models import EntryKind, JournalEntry, Word
from apps.ledgers.services.decisions import mark_approved
from apps.ledgers.services.drafts import create_draft, mark_submitted
from apps.ledgers.services.entry_facts import lines_of
from apps.ledgers.services.entry_policy import reversal_style_on
from apps.ledgers.services.posting import post_entries, post_journal_entry
from apps.ledgers.services.system_entries import exchange_account, system_maker
from apps.policies.words import ReversalStyle

if TYPE_CHECKING:
    from apps.ledgers.domain.settlement import SettlementPlan
    from apps.ledgers.models import OpenItem, Settlement
    from apps.organizations.models import User


def post_difference(
    item: OpenItem, plan: SettlementPlan, *, day: date, actor: User
) -> int | None:
    """Post the entry of a settlement; None where nothing differs.

    Raises:
        SystemAccountIsMissing: there is a gain or loss, and nowhere to book it.
        FinanceError: the database refused the entry.
    """
    moved = plan.by_dimensions()
    if not moved:
        return None
    ledger = item.ledger
    summary = _("Settlement of %(partner)s") % {"partner": item.partner or item.account}
    lines = [
        _line(item.account_id, amount, base, item.currency_id, summary, dimension_set_id)
        for dimension_set_id, (amount, base) in moved.items()
    ]
    if plan.gain:
        account = exchange_account(ledger, is_gain=plan.gain > 0)
        base = ledger.base_currency_id
        lines.append(_line(account.pk, -plan.gain, -plan.gain, base, summary, None))
    content = EntryInput(
        entry_date=day,
        lines=tuple(lines),
        word=Word.TRANSFER,
        summary=summary,
        kind=EntryKind.SETTLEMENT,
    )
    new = NewEntry(
        ledger_id=ledger.pk,
        key=f"settlement:{uuid.uuid4()}",
        content=content,
        maker_id=system_maker(ledger).pk,
        checker_id=actor.pk,
    )
    base_currency = ledger.base_currency_id
    (posted,) = post_entries([new], actor=actor, base_currency=base_currency, reason=summary)
    return posted.entry_id


def reverse_difference(
    settlement: Settlement, *, day: date, reason: str, actor: User
) -> JournalEntry | None:
    """Reverse the entry of a settlement that is being undone, and post the reversal.

    Raises:
        NoPeriod, PeriodTakesNoEntries, FinanceError: it cannot be posted on the day.
    """
    entry = settlement.entry
    if entry is None:
        return None
    ledger = settlement.ledger
    is_red = reversal_style_on(ledger, day) == ReversalStyle.RED
    content = EntryInput(
        entry_date=day,
        lines=tuple(line.red() if is_red else line.swapped() for line in lines_of(entry)),
        word=entry.word,
        summary=reason[:200],
        kind=EntryKind.REVERSAL,
    )
    maker = system_maker(ledger)
    source = JournalEntry.Source.SYSTEM
    draft = create_draft(ledger, content, actor=maker, reversal_of=entry, source=source)
    submitted = mark_submitted(draft, version=draft.version, actor=maker)
    approved = mark_approved(submitted, version=submitted.version, actor=actor)
    return post_journal_entry(approved, version=approved.version, actor=actor)


def _line(
    account_id: int,
    amount: Decimal,
    base: Decimal,
    currency: str,
    summary: str,
    dimension_set_id: int | None,
) -> LineInput:
    return LineInput(
        account_id=account_id,
        side=DEBIT if (base or amount) > 0 else CREDIT,
        amount=amount,
        base_amount=base,
        currency=currency,
        summary=summary,
        dimension_set_id=dimension_set_id,
    )
