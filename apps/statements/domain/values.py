"""A statement as it was read, whatever its format.

Amounts are seen from our side: money that comes in is positive.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal


@dataclass(slots=True)
class ReadLine:
    """One line; `number` is where in the file it stands."""

    number: int
    booked_on: date
    amount: Decimal
    reference: str = ""
    text: str = ""
    counterparty: str = ""
    counter_account: str = ""
    partner_reference: str = ""
    batch: str = ""
    kind: str = ""
    value_on: date | None = None
    fee: Decimal | None = None
    gross_amount: Decimal | None = None
    gross_currency: str | None = None


@dataclass(slots=True)
class ReadStatement:
    """One statement of a file; balances are None where the format tells none."""

    from_on: date
    to_on: date
    account: str = ""
    currency: str = ""
    reference: str = ""
    opening: Decimal | None = None
    closing: Decimal | None = None
    lines: list[ReadLine] = field(default_factory=list)
    # Of tables: where each currency is said first, and in which column.
    currency_lines: dict[str, int] = field(default_factory=dict)
    currency_column: str = ""
    # Of tables: accounts whose rows were left out.
    others: list[str] = field(default_factory=list)

    @property
    def total(self) -> Decimal:
        """The sum of the lines."""
        return sum((line.amount for line in self.lines), Decimal(0))
