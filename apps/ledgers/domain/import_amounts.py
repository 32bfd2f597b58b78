"""Reading the amount of a row: two columns, one signed, or one with a direction."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import date
from decimal import Decimal
from typing import Any

from apps.core.errors import FinanceError
from apps.core.money import parse_amount
from apps.ledgers.domain.entries import CREDIT, DEBIT
from apps.ledgers.domain.import_mapping import ImportMapping, RowTexts
from apps.ledgers.domain.import_values import BookFacts
from apps.ledgers.errors import AmountIsMissing
from apps.ledgers.import_errors import (
    BothColumns,
    UnknownDirection,
)

# numeric(20,4) has sixteen digits before the point.
TOO_LARGE = Decimal(10) ** 16


class AmountReader(ABC):
    """Reads amounts by a mapping; what is wrong goes to `_fault`."""

    mapping: ImportMapping
    facts: BookFacts

    @abstractmethod
    def _fault(self, row: int, name: str, error: FinanceError) -> None:
        """Note that a field of a row is wrong."""

    def _money(self, row: RowTexts, day: date | None) -> dict[str, Any] | None:
        """Return what a line stores of a row's money, as `LineInput` names it."""
        base = self.facts.base_currency
        currency = row["currency"].upper() or base
        signed = self._signed(row, currency)
        if signed is None:
            return None
        side, amount = signed
        money = {"side": side, "amount": amount, "currency": currency, "base_amount": amount}
        if currency == base:
            return money
        if day is None:
            return None
        try:
            return money | dict(self.facts.convert(amount, currency, day, row["rate"]))
        except FinanceError as error:
            self._fault(row.number, "rate", error)
            return None

    def _signed(self, row: RowTexts, currency: str) -> tuple[int, Decimal] | None:
        """Return the side and the signed amount of a row."""
        if self.mapping.sources.get("amount"):
            return self._signed_by_direction(row, currency)
        debit = self._amount(row, "debit", currency)
        credit = self._amount(row, "credit", currency)
        if debit is None or credit is None:
            return None
        if debit and credit:
            self._fault(row.number, "debit", BothColumns())
            return None
        if not debit and not credit:
            self._fault(row.number, "debit", AmountIsMissing())
            return None
        return (DEBIT, debit) if debit else (CREDIT, -credit)

    def _signed_by_direction(self, row: RowTexts, currency: str) -> tuple[int, Decimal] | None:
        amount = self._amount(row, "amount", currency)
        if amount is None:
            return None
        if not amount:
            self._fault(row.number, "amount", AmountIsMissing())
            return None
        if not self.mapping.sources.get("direction"):
            return (DEBIT if amount > 0 else CREDIT), amount
        side = self.mapping.side_of(row["direction"])
        if not side:
            self._fault(row.number, "direction", UnknownDirection(text=row["direction"][:40]))
            return None
        return side, side * amount

    def _amount(self, row: RowTexts, name: str, currency: str) -> Decimal | None:
        if not row[name]:
            return Decimal(0)
        try:
            return parse_amount(row[name], currency)
        except FinanceError as error:
            self._fault(row.number, name, error)
            return None
