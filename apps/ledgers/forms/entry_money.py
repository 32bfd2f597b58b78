"""The money of a form row: currency, rate and amount as typed, and what they are worth.

"USD", "", "100.00", ""        → +100.00 USD at the rate of the day → 712.34 CNY
"JPY", "4.8012/100", "", "500" → −500 JPY at a manual rate for a hundred
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol

from django.utils.translation import gettext as _

from apps.core.errors import FinanceError, UnknownCurrency
from apps.core.formatting import format_amount
from apps.core.money import minor_digits, parse_amount
from apps.ledgers.domain.entries import CREDIT, DEBIT, LineInput
from apps.ledgers.errors import AmountIsMissing
from apps.ledgers.item_errors import AccountNeedsCurrency, RateForBaseCurrency
from apps.ledgers.services.rates import (
    MANUAL,
    LineRate,
    base_amount,
    rate_in_words,
    rate_on,
    rate_text,
    written_rate,
)

if TYPE_CHECKING:
    from apps.ledgers.models import Ledger


class MoneyRow(Protocol):
    """The cells of a row that hold its money."""

    currency: str
    rate: str
    debit: str
    credit: str
    note: str
    errors: dict[str, str]


@dataclass(frozen=True, slots=True)
class TypedMoney:
    """What a row says: side, signed amount, its currency, and a rate if one was written."""

    side: int
    amount: Decimal
    currency: str
    rate: LineRate | None = None


def read_money(row: MoneyRow, base: str, only_currency: str | None) -> TypedMoney | None:
    """Read the money cells; what is wrong is noted at its cell, and None returned."""
    currency = _read_currency(row, base, only_currency)
    if currency is None:
        return None
    rate = _read_rate(row, currency, base)
    side, amount = _read_amount(row, currency)
    return None if row.errors else TypedMoney(side, amount, currency, rate)


def money_fields(money: TypedMoney, ledger: Ledger, day: date) -> dict[str, Any]:
    """Return what a line stores of typed money, its base amount computed.

    Raises:
        NoRate: no rate was written, and none is fresh enough on the day.
    """
    fields: dict[str, Any] = {
        "side": money.side,
        "amount": money.amount,
        "currency": money.currency,
        "base_amount": money.amount,
    }
    if money.currency == ledger.base_currency_id:
        return fields
    rate = money.rate or rate_on(ledger, money.currency, day)
    worth = base_amount(ledger, money.amount, rate, day)
    return fields | rate.fields() | {"base_amount": worth}


def show_money(row: MoneyRow, line: LineInput, ledger: Ledger) -> None:
    """Write the money of a stored line into a row."""
    amount = plain_amount(line.amount * line.side, minor_digits(line.currency))
    setattr(row, "debit" if line.side == DEBIT else "credit", amount)
    if line.currency == ledger.base_currency_id:
        return
    row.currency = line.currency
    if line.rate_type in {"", MANUAL}:
        row.rate = rate_text(line.rate, line.rate_per)


def note_worth(row: MoneyRow, ledger: Ledger, day: date) -> None:
    """Note at a foreign row what it is worth, and by which rate; nothing if it is unknown."""
    base = ledger.base_currency_id
    currency = row.currency.strip().upper()
    if currency in {"", base} or row.errors:
        return
    try:
        rate = _read_rate(row, currency, base) or rate_on(ledger, currency, day)
        text = row.debit.strip() or row.credit.strip()
        amount = parse_amount(text, currency) if text else Decimal(0)
    except FinanceError:
        return
    worth = format_amount(base_amount(ledger, amount, rate, day), minor_digits(base))
    row.note = f"= {worth} {base} · {rate_in_words(rate, day)}"


def _read_currency(row: MoneyRow, base: str, only_currency: str | None) -> str | None:
    currency = row.currency.strip().upper()
    if not currency and only_currency and only_currency != base:
        # Shown, never assumed: the amount may have been meant in base currency.
        row.currency = only_currency
        row.errors["currency"] = str(AccountNeedsCurrency(currency=only_currency))
        return None
    currency = currency or base
    try:
        minor_digits(currency)
    except UnknownCurrency as error:
        row.errors["currency"] = str(error)
        return None
    row.currency = "" if currency == base else currency
    return currency


def _read_rate(row: MoneyRow, currency: str, base: str) -> LineRate | None:
    text = row.rate.strip()
    if not text:
        return None
    if currency == base:
        row.errors["rate"] = str(RateForBaseCurrency(currency=base))
        return None
    try:
        return written_rate(text)
    except FinanceError as error:
        row.errors["rate"] = str(error)
        return None


def _read_amount(row: MoneyRow, currency: str) -> tuple[int, Decimal]:
    """Return side and signed amount; errors go to the column that holds the text."""
    found: list[tuple[int, Decimal]] = []
    for column, side in (("debit", DEBIT), ("credit", CREDIT)):
        text = getattr(row, column).strip()
        try:
            amount = parse_amount(text, currency) if text else Decimal(0)
        except FinanceError as error:
            row.errors[column] = str(error)
            continue
        if amount:
            found.append((side, amount * side))
    if len(found) == 1:
        return found[0]
    if len(found) > 1:
        row.errors["credit"] = _("A line has an amount in debit or in credit, not in both.")
    elif not {"debit", "credit"} & set(row.errors):
        row.errors["debit"] = str(AmountIsMissing())
    return DEBIT, Decimal(0)


def plain_amount(amount: Decimal, digits: int) -> str:
    """Return the amount as a form field holds it: no separators, no lost decimals."""
    whole, _point, part = f"{amount:f}".partition(".")
    part = part.rstrip("0").ljust(digits, "0")
    return f"{whole}.{part}" if part else whole
