"""Which account of the shipped charts plays which part, until somebody chooses another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.ledgers.domain.entries import CREDIT, DEBIT
from apps.ledgers.models import Account, AccountClass

if TYPE_CHECKING:
    from apps.ledgers.models import Ledger

# By purpose: the codes in the Chinese chart and in that by IFRS.
STANDARD_CODES = {
    "profit_account": ("4103", "3320"),
    "retained_account": ("410406", "3310"),
    "reserve_account": ("410101",),
    "appropriation_account": ("410401",),
    "exchange_gain_account": ("660303", "4240"),
    "exchange_loss_account": ("660303", "6950"),
    "rounding_account": ("660399", "6960"),
}
# 进项税额 on the debit side, 销项税额 on the credit side.
_TAX_CODES = {DEBIT: ("22210101", "1161"), CREDIT: ("22210107", "2141")}
_OF_THE_RESULT = {"exchange_gain_account", "exchange_loss_account", "rounding_account"}


def standard_account(ledger: Ledger, purpose: str) -> Account | None:
    """Return the account that a shipped chart has for a purpose, None in another chart.

    A code alone says little elsewhere, so the account's class must be right too.
    """
    is_result = purpose in _OF_THE_RESULT
    account_class = AccountClass.PROFIT_LOSS if is_result else AccountClass.EQUITY
    rows = Account.objects.filter(
        chart=ledger.chart_id, code__in=STANDARD_CODES[purpose], account_class=account_class
    )
    return rows.taking_postings().order_by("code").first()


def standard_tax_account(ledger: Ledger, side: int) -> Account | None:
    """Return where the VAT of a side belongs by a shipped chart, None in another chart."""
    rows = Account.objects.filter(
        chart=ledger.chart_id,
        code__in=_TAX_CODES[side],
        account_class__in=(AccountClass.LIABILITY, AccountClass.ASSET),
    )
    return rows.taking_postings().first()
