"""Reading the amount of a row: two columns, one signed, or one with a direction."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from decimal import Decimal

from apps.core.errors import FinanceError
from apps.core.money import parse_amount
from apps.core.rounding import round_amount
from apps.ledgers.domain.entries import CREDIT, DEBIT
from apps.ledgers.domain.import_mapping import ImportMapping, RowTexts
from apps.ledgers.domain.import_values import BookFacts
from apps.ledgers.errors import AmountIsMissing
from apps.ledgers.import_errors import (
    BothColumns,
    RateIsMissing,
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

    def _money(self, row: RowTexts) -> tuple[int, Decimal, Decimal, str, Decimal] | None:
        """Return side, signed amount, signed base amount, currency and rate."""
        currency = row["currency"].upper() or self.facts.base_currency
        signed = self._signed(row, currency)
        if signed is None:
            return None
        side, amount = signed
        if currency == self.facts.base_currency:
            return side, amount, amount, currency, Decimal(1)
        try:
            rate = (
                Decimal(row["rate"])
                if re.fullmatch(r"\d{1,9}(\.\d{1,10})?", row["rate"])
                else None
            )
        except ArithmeticError:
            rate = None
        if not rate:
            error = RateIsMissing(currency=currency, base=self.facts.base_currency)
            self._fault(row.number, "rate", error)
            return None
        base = round_amount(amount * rate, self.facts.base_currency)
        return side, amount, base, currency, rate

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
