"""The balance sheet 资产负债表 as plain values: three sections that must agree.

    assets = liabilities + equity

Accounts stand in the section of their class. A common account stands where its balance does;
cost accounts are assets; profit and loss that nobody transferred yet is part of equity, in
one line. Amounts are positive on the side on which their section grows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from apps.ledgers.domain.account_tree import AccountRow, in_tree_order

_ZERO = Decimal("0.00")
ASSETS, LIABILITIES, EQUITY = "assets", "liabilities", "equity"
SECTIONS = (ASSETS, LIABILITIES, EQUITY)
_OF_CLASS = {"asset": ASSETS, "cost": ASSETS, "liability": LIABILITIES, "equity": EQUITY}
RESULT_CLASS, COMMON_CLASS = "profit_loss", "common"


@dataclass(frozen=True, slots=True)
class Standing:
    """A signed balance at the end of the range and at the beginning of its year."""

    closing: Decimal = _ZERO
    opening: Decimal = _ZERO

    def __add__(self, other: Standing) -> Standing:
        """Add both."""
        return Standing(self.closing + other.closing, self.opening + other.opening)

    def turned(self, sign: int) -> Standing:
        """Return both with a sign."""
        return self if sign > 0 else Standing(-self.closing + 0, -self.opening + 0)

    def is_zero(self) -> bool:
        """Say whether both are nil."""
        return not (self.closing or self.opening)


@dataclass(frozen=True, slots=True)
class SheetRow:
    """An account with those below it, at a depth; None is the result not transferred yet."""

    account: AccountRow | None
    depth: int
    standing: Standing


@dataclass(frozen=True, slots=True)
class Section:
    """The rows of a section and their sum."""

    name: str
    rows: tuple[SheetRow, ...]
    total: Standing


@dataclass(frozen=True, slots=True)
class BalanceSheet:
    """The three sections; `difference` is nil where the books are sound."""

    sections: tuple[Section, ...]

    @property
    def claims(self) -> Standing:
        """Liabilities and equity."""
        return self.sections[1].total + self.sections[2].total

    @property
    def difference(self) -> Decimal:
        """Assets less liabilities and equity, at the end and at the beginning together."""
        gap = self.sections[0].total + self.claims.turned(-1)
        return abs(gap.closing) + abs(gap.opening)


def build_balance_sheet(
    accounts: Iterable[AccountRow], standings: Mapping[int, Standing], *, depth: int
) -> BalanceSheet:
    """Return the sheet with rows down to a depth; `standings` are of leaves, debit positive."""
    ordered = in_tree_order(accounts)
    rolled = _rolled_up(ordered, standings)
    result = sum(
        (standings[row.pk] for row, _ in ordered
         if row.account_class == RESULT_CLASS and row.pk in standings),
        start=Standing(),
    )  # fmt: skip
    rows: dict[str, list[SheetRow]] = {name: [] for name in SECTIONS}
    totals = dict.fromkeys(SECTIONS, Standing())
    for row, place in ordered:
        standing = rolled.get(row.pk, Standing())
        section = _section_of(row, standing)
        if section is None or standing.is_zero():
            continue
        standing = standing.turned(1 if section == ASSETS else -1)
        if place <= depth:
            rows[section].append(SheetRow(row, place, standing))
        if row.parent_id is None:
            totals[section] += standing
    if not result.is_zero():
        rows[EQUITY].append(SheetRow(None, 1, result.turned(-1)))
        totals[EQUITY] += result.turned(-1)
    return BalanceSheet(
        tuple(Section(name, tuple(rows[name]), totals[name]) for name in SECTIONS)
    )


def _rolled_up(
    ordered: list[tuple[AccountRow, int]], standings: Mapping[int, Standing]
) -> dict[int, Standing]:
    rolled = dict(standings)
    for row, _place in reversed(ordered):
        if row.parent_id is not None and row.pk in rolled:
            rolled[row.parent_id] = rolled.get(row.parent_id, Standing()) + rolled[row.pk]
    return rolled


def _section_of(row: AccountRow, standing: Standing) -> str | None:
    if row.account_class == COMMON_CLASS:
        return ASSETS if (standing.closing or standing.opening) > 0 else LIABILITIES
    return _OF_CLASS.get(row.account_class)
