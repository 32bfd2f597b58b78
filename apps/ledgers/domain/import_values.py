"""What an import knows of the books, and the plan of entries that it makes of a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from apps.core.errors import FinanceError
from apps.ledgers.domain.checks import AccountFacts
from apps.ledgers.domain.entries import EntryInput


@dataclass(frozen=True, slots=True)
class PeriodFacts:
    """When a period is and whether it takes entries."""

    starts_on: date
    ends_on: date
    name: str
    state: str


# Amount, currency, day, the rate as written ("" to look it up) → what a line stores of it:
# base_amount, rate and where it is from. Raises NoRate, RateIsInvalid.
Converter = Callable[[Decimal, str, date, str], Mapping[str, Any]]


@dataclass(frozen=True)
class BookFacts:
    """What the planner must know of the books; dimension values by (type code, code)."""

    base_currency: str
    account_ids: Mapping[str, int]
    accounts: Mapping[int, AccountFacts]
    dimension_values: Mapping[tuple[str, str], tuple[int, int]]
    periods: Sequence[PeriodFacts]
    convert: Converter
    # Where the difference goes that only rounding leaves; None where no account is named.
    rounding_account_id: int | None = None

    @cached_property
    def period_starts(self) -> list[date]:
        """Return the first days, to search in."""
        return [period.starts_on for period in self.periods]


@dataclass(frozen=True, slots=True)
class RowError:
    """One thing wrong: at a row and field ("entry" is the entry as a whole)."""

    row: int
    field: str
    error: FinanceError


@dataclass(slots=True)
class PlannedEntry:
    """An entry to be made, and the row that each of its lines comes from."""

    key: str
    content: EntryInput
    rows: list[int] = field(default_factory=list)


@dataclass(slots=True)
class ImportPlan:
    """All entries of a file, what is wrong, and what must be made first.

    `new_accounts` maps codes, and `combinations` sorted value ids, to negative numbers.
    """

    entries: list[PlannedEntry]
    errors: list[RowError]
    row_count: int
    new_accounts: dict[str, int]
    combinations: dict[tuple[int, ...], int]
    days_without_period: set[date]
