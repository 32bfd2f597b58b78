"""The figures of an income statement, by one statement over the roll-ups.

Only ordinary turnover counts (bucket 0): the transfer to the profit of the year clears the
accounts and changes nothing here, so the statement of a closed year still shows its figures.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection

from apps.ledgers.services.statement_scope import account_row
from apps.reports.domain.income_statement import (
    Amounts,
    StatementRow,
    build_income_statement,
)
from apps.reports.services.income_layouts import LABELS, layout_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.utils.functional import Promise

    from apps.ledgers.domain.account_tree import AccountRow
    from apps.ledgers.models import Period
    from apps.ledgers.services.statement_scope import StatementScope

_FROM_TOTALS = """
SELECT account_id, ledger_id, period_id, credit - debit AS profit FROM ledgers_accounttotal
WHERE ledger_id = ANY (%(ledgers)s) AND bucket = 0
"""
_FROM_BALANCES = """
SELECT account_id, ledger_id, period_id, base_credit - base_debit AS profit
FROM ledgers_accountbalance
WHERE ledger_id = ANY (%(ledgers)s) AND bucket = 0 AND dimension_set_id IN (
  SELECT d.id FROM ledgers_dimensionset d
  WHERE d.value_ids @> ARRAY[%(dimension_value)s]::bigint[])
"""
# Periods of two ledgers are matched by fiscal year and number: year × 100 + number.
_FIGURES = """
WITH places AS (
  SELECT id, ledger_id, fiscal_year * 100 + number AS place FROM ledgers_period
  WHERE ledger_id = ANY (%(ledgers)s)
), profits AS (
  SELECT t.account_id,
    coalesce(sum(t.profit) FILTER (WHERE p.place = ANY (%(current)s)), 0.00) AS current,
    coalesce(sum(t.profit) FILTER (WHERE p.place = ANY (%(compared)s)), 0.00) AS compared,
    coalesce(sum(t.profit) FILTER (WHERE p.place = ANY (%(year)s)), 0.00) AS year,
    coalesce(sum(t.profit) FILTER (WHERE p.place = ANY (%(compared_year)s)), 0.00) AS before
  FROM ({source}) t JOIN places p ON p.ledger_id = t.ledger_id AND p.id = t.period_id
  GROUP BY t.account_id
)
SELECT a.id, a.parent_id, a.code, a.name, a.name_zh, a.initials, a.account_class,
  a.normal_side, a.is_leaf, a.is_active, a.statement_section, f.current, f.compared, f.year,
  f.before
FROM ledgers_account a LEFT JOIN profits f ON f.account_id = a.id
WHERE a.chart_id = %(chart)s AND a.account_class = 'profit_loss'
"""
_ACCOUNT_COLUMNS = 10


@dataclass(frozen=True, slots=True)
class ComparedPeriods:
    """The periods of each column, each a list of year × 100 + number."""

    current: list[int]
    compared: list[int]
    year: list[int]
    compared_year: list[int]


@dataclass(frozen=True, slots=True)
class IncomeStatement:
    """The rows with their labels, and the names of the ranges of both comparisons."""

    rows: tuple[tuple[str | Promise, StatementRow], ...]
    compared_label: str

    @property
    def net_profit(self) -> Amounts:
        """The last result."""
        return self.rows[-1][1].amounts


def income_statement_of(
    scope: StatementScope, periods: Sequence[Period], *, by_year: bool
) -> IncomeStatement:
    """Return the income statement of a scope.

    It is compared with the same periods of the year before (`by_year`), or else with as many
    months right before them.
    """
    compared = periods_compared(scope, periods, by_year=by_year)
    accounts, sections, profits = _read(scope, compared)
    codes = {name: [row.code for row, section in sections if section == name]
             for name in ("income", "expense")}  # fmt: skip
    layout = layout_for([row.code for row in accounts], codes["income"], codes["expense"])
    rows = build_income_statement(layout, accounts, profits)
    return IncomeStatement(
        rows=tuple((LABELS[row.key], row) for row in rows),
        compared_label=_range_label(compared.compared),
    )


def periods_compared(
    scope: StatementScope, periods: Sequence[Period], *, by_year: bool
) -> ComparedPeriods:
    """Return which periods stand in which column."""
    places = [_place(period) for period in periods]
    first, last = _place(scope.first), _place(scope.last)
    current = [place for place in places if first <= place <= last]
    year = [place for place in places if last // 100 * 100 < place <= last]
    if by_year:
        compared = [place - 100 for place in current]
    else:
        months = [_place(period) for period in periods if not period.is_adjustment]
        before = [place for place in months if place < first]
        count = sum(place in months for place in current) or 1
        compared = before[-count:]
    return ComparedPeriods(current, compared, year, [place - 100 for place in year])


def _read(
    scope: StatementScope, compared: ComparedPeriods
) -> tuple[list[AccountRow], list[tuple[AccountRow, str]], dict[int, Amounts]]:
    source = _FROM_BALANCES if scope.dimension else _FROM_TOTALS
    parameters: dict[str, Any] = {
        "ledgers": scope.ledger.reported_ledger_ids(),
        "chart": scope.ledger.chart_id,
        "dimension_value": scope.dimension.pk if scope.dimension else None,
        "current": compared.current,
        "compared": compared.compared,
        "year": compared.year,
        "compared_year": compared.compared_year,
    }
    accounts, sections, profits = [], [], {}
    with connection.cursor() as cursor:
        cursor.execute(_FIGURES.format(source=source), parameters)
        for row in cursor.fetchall():
            account = account_row(*row[:_ACCOUNT_COLUMNS])
            accounts.append(account)
            sections.append((account, row[_ACCOUNT_COLUMNS]))
            if row[-1] is not None:
                profits[account.pk] = Amounts(*row[_ACCOUNT_COLUMNS + 1 :])
    return accounts, sections, profits


def _place(period: Period) -> int:
    return period.fiscal_year * 100 + period.number


def _range_label(places: Sequence[int]) -> str:
    if not places:
        return "–"
    ends = [f"{place // 100}-{place % 100:02}" for place in (places[0], places[-1])]
    return ends[0] if ends[0] == ends[1] else " – ".join(ends)
