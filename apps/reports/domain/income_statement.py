"""The income statement 利润表 as plain values: accounts make lines, lines make results.

A layout is a list of lines in their order. A line takes the profit-and-loss accounts whose
codes begin with one of its prefixes, the longest prefix winning; a result adds up every line
before it. `sign` +1 adds a line to the profit, −1 subtracts it; a line shows what it is
subtracted by, so that costs are positive. What no line takes goes into the line of the rest:
the last result is the profit of all accounts, whatever the chart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from apps.ledgers.domain.account_tree import AccountRow

_ZERO = Decimal("0.00")
RESULT = "result"


@dataclass(frozen=True, slots=True)
class LayoutLine:
    """A line of a layout; a result has neither prefixes nor sign."""

    key: str
    prefixes: tuple[str, ...] = ()
    sign: int = 1
    is_result: bool = False
    takes_rest: bool = False


@dataclass(frozen=True, slots=True)
class Amounts:
    """Profit (credit positive) of the range, of what it is compared with, and of two years."""

    current: Decimal = _ZERO
    compared: Decimal = _ZERO
    year: Decimal = _ZERO
    compared_year: Decimal = _ZERO

    def __add__(self, other: Amounts) -> Amounts:
        """Add column by column."""
        pairs = zip(self.columns(), other.columns(), strict=True)
        return Amounts(*(mine + theirs for mine, theirs in pairs))

    def signed(self, sign: int) -> Amounts:
        """Return the amounts as a line of the sign shows them."""
        return self if sign > 0 else Amounts(*(-amount + 0 for amount in self.columns()))

    def columns(self) -> tuple[Decimal, ...]:
        """Return the four columns in their order."""
        return self.current, self.compared, self.year, self.compared_year

    def is_zero(self) -> bool:
        """Say whether there is nothing in any column."""
        return not any(self.columns())

    @property
    def change(self) -> Decimal:
        """By how much the range differs from what it is compared with."""
        return self.current - self.compared


@dataclass(frozen=True, slots=True)
class AccountFigures:
    """An account below a line; amounts as the line shows them."""

    account: AccountRow
    amounts: Amounts


@dataclass(frozen=True, slots=True)
class StatementRow:
    """A line or a result with its amounts and the accounts that are in it."""

    key: str
    sign: int
    is_result: bool
    amounts: Amounts
    accounts: tuple[AccountFigures, ...] = field(default=())


def build_income_statement(
    layout: Sequence[LayoutLine],
    accounts: Iterable[AccountRow],
    profits: Mapping[int, Amounts],
) -> tuple[StatementRow, ...]:
    """Return the rows of a layout; `profits` are by account, credit positive."""
    by_line = _by_line(layout, accounts, profits)
    rows, running = [], Amounts()
    for line in layout:
        if line.is_result:
            rows.append(StatementRow(line.key, 1, is_result=True, amounts=running))
            continue
        found = by_line.get(line.key, [])
        total = sum((profits[account.pk] for account in found), start=Amounts())
        running += total
        rows.append(
            StatementRow(
                key=line.key,
                sign=line.sign,
                is_result=False,
                amounts=total.signed(line.sign),
                accounts=tuple(
                    AccountFigures(account, profits[account.pk].signed(line.sign))
                    for account in found
                ),
            )
        )
    return tuple(rows)


def _by_line(
    layout: Sequence[LayoutLine],
    accounts: Iterable[AccountRow],
    profits: Mapping[int, Amounts],
) -> dict[str, list[AccountRow]]:
    """Return the accounts that have amounts by the line that takes them."""
    rest = next(line.key for line in layout if line.takes_rest)
    found: dict[str, list[AccountRow]] = {}
    for account in sorted(accounts, key=lambda row: row.code):
        if account.pk in profits and not profits[account.pk].is_zero():
            found.setdefault(_line_of(layout, account.code) or rest, []).append(account)
    return found


def _line_of(layout: Sequence[LayoutLine], code: str) -> str:
    lengths = [
        (len(prefix), line.key)
        for line in layout
        for prefix in line.prefixes
        if code.startswith(prefix)
    ]
    return max(lengths, default=(0, ""))[1]
