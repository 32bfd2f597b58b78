"""Account detail 明细账: the posted lines of an account with the balance after each.

A group shows the lines of all accounts below it, period by period, each by date. The running
balance is a window function, so that it is right on every page: it starts from the roll-ups
of the periods before, and reads the lines of the page's own periods only. Opening entries
stand in the opening balance, as they do in the trial balance.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import accumulate
from typing import Any

from django.db import connection
from django.utils.functional import cached_property

from apps.ledgers.models import Account
from apps.ledgers.models.choices import WORD_ABBREVIATIONS, Word
from apps.ledgers.services.statement_scope import PERIODS_SQL, StatementScope, side_of

_NOTHING = Decimal("0.00")
_BELOW_SQL = """
below AS (
  SELECT %(account)s::bigint AS id
  UNION ALL
  SELECT a.id FROM ledgers_account a JOIN below ON a.parent_id = below.id
)"""
_SUMS_SQL = """
SELECT fiscal_year, number, min(starts_on), max(ends_on), is_opening, is_brought_in,
  sum(debit), sum(credit), sum(line_count)::bigint
FROM turnover WHERE account_id IN (SELECT id FROM below)
GROUP BY 1, 2, 5, 6 ORDER BY 1, 2
"""
# The days are given once more as values: the planner sees how few lines they have.
_FROM_LINES_SQL = """
FROM scope s
JOIN ledgers_journalline l ON l.ledger_id = s.ledger_id
  AND l.entry_date BETWEEN s.starts_on AND s.ends_on
JOIN ledgers_journalentry e ON e.id = l.entry_id AND e.period_id = s.id
LEFT JOIN ledgers_journalentry o ON o.id = e.reversal_of_id
WHERE NOT s.is_earlier AND e.state = 'posted'
  AND ledgers_bucket(coalesce(o.kind, e.kind)) <> 1
  AND (%(with_closing)s OR ledgers_bucket(coalesce(o.kind, e.kind)) <> 9)
  AND l.account_id = ANY (ARRAY(SELECT id FROM below)) AND l.ledger_id = ANY (%(ledgers)s)
  AND l.entry_date BETWEEN %(starts_on)s AND %(ends_on)s
"""
_DIMENSION_SQL = """
  AND l.dimension_set_id IN (SELECT d.id FROM ledgers_dimensionset d
    WHERE d.value_ids @> ARRAY[%(dimension_value)s]::bigint[])
"""
_LINES_SQL = """
SELECT w.entry_id, w.ledger_id, g.code, w.entry_date, w.word, w.number,
  w.fiscal_year, w.period_number, w.summary, a.code, d.label, w.currency_id, w.amount,
  w.debit, w.credit, w.running
FROM (
  SELECT s.fiscal_year, s.number AS period_number, l.entry_id, l.ledger_id, l.entry_date,
    l.position, e.word, e.number,
    coalesce(nullif(l.summary, ''), e.summary) AS summary, l.account_id, l.dimension_set_id,
    l.currency_id, l.amount, l.debit, l.credit,
    %(opening)s + sum(l.base_amount) OVER (ORDER BY s.fiscal_year, s.number, l.entry_date,
      l.entry_id, l.position ROWS UNBOUNDED PRECEDING) AS running
  {lines}
  ORDER BY s.fiscal_year, s.number, l.entry_date, l.entry_id, l.position
  LIMIT %(limit)s OFFSET %(offset)s
) w
JOIN ledgers_ledger g ON g.id = w.ledger_id
JOIN ledgers_account a ON a.id = w.account_id
LEFT JOIN ledgers_dimensionset d ON d.id = w.dimension_set_id
ORDER BY w.fiscal_year, w.period_number, w.entry_date, w.entry_id, w.position
"""
_OPENING_ENTRIES_SQL = """
SELECT DISTINCT e.id, g.code, e.word, p.fiscal_year, p.number, e.number
FROM scope s
JOIN ledgers_journalentry e ON e.ledger_id = s.ledger_id AND e.period_id = s.id
JOIN ledgers_period p ON p.id = s.id
JOIN ledgers_ledger g ON g.id = s.ledger_id
WHERE NOT s.is_earlier AND e.entry_date BETWEEN s.starts_on AND s.ends_on
  AND e.state = 'posted' AND e.kind = 'opening' AND EXISTS (
  SELECT 1 FROM ledgers_journalline l
  WHERE l.entry_id = e.id AND l.account_id IN (SELECT id FROM below))
ORDER BY 1 LIMIT 3
"""


@dataclass(frozen=True, slots=True)
class AccountSums:
    """Signed opening balance, the two columns of the range, and what they come to."""

    opening: Decimal
    debit: Decimal
    credit: Decimal

    @property
    def opening_side(self) -> str:
        """The side on which the opening balance stands."""
        return side_of(self.opening)

    @property
    def opening_size(self) -> Decimal:
        """The opening balance without its sign."""
        return abs(self.opening)

    @property
    def closing_side(self) -> str:
        """The side on which the closing balance stands."""
        return side_of(self.closing)

    @property
    def closing_size(self) -> Decimal:
        """The closing balance without its sign."""
        return abs(self.closing)

    @property
    def closing(self) -> Decimal:
        """The signed closing balance: debit positive."""
        return self.opening + self.debit - self.credit


@dataclass(frozen=True, slots=True)
class _Turnover:
    """What moved in a period; of those before the range and by opening entries, too."""

    fiscal_year: int
    number: int
    starts_on: date
    ends_on: date
    is_opening: bool
    is_brought_in: bool
    debit: Decimal
    credit: Decimal
    line_count: int


@dataclass(frozen=True, slots=True)
class StatementLine:
    """A posted line and the account's balance after it; `balance` is signed."""

    entry_id: int
    ledger_id: int
    ledger_code: str
    entry_date: date
    word: str
    number: int
    fiscal_year: int
    period_number: int
    summary: str
    account_code: str
    dimensions: str | None
    currency: str
    amount: Decimal
    debit: Decimal
    credit: Decimal
    balance: Decimal

    @property
    def side(self) -> str:
        """The side on which the balance stands."""
        return side_of(self.balance)

    @property
    def size(self) -> Decimal:
        """The balance without its sign."""
        return abs(self.balance)

    @property
    def label(self) -> str:
        """The number of the entry as people write it."""
        return entry_label(self.word, self.fiscal_year, self.period_number, self.number)


class AccountStatement:
    """The statement of one account in a scope; each method is one query at most."""

    def __init__(self, account: Account, scope: StatementScope) -> None:
        """Keep what the statement is about."""
        self.account = account
        self.scope = scope
        self.parameters: dict[str, Any] = scope.parameters() | {
            "account": account.pk,
            "starts_on": scope.first.starts_on,
            "ends_on": scope.last.ends_on,
        }

    def sums(self) -> AccountSums:
        """Return opening, debit and credit."""
        opening = sum((t.debit - t.credit for t in self._turnover if t.is_opening), _NOTHING)
        debit = sum((t.debit for t in self._moved), _NOTHING)
        return AccountSums(opening, debit, sum((t.credit for t in self._moved), _NOTHING))

    def count(self) -> int:
        """Return how many lines the range has; the roll-ups know, but of dimensions."""
        if not self.scope.dimension:
            return sum(t.line_count for t in self._moved)
        with connection.cursor() as cursor:
            cursor.execute(f"{self._head()} SELECT count(*) {self._lines()}", self.parameters)
            return int(cursor.fetchone()[0])

    def lines(self, opening: Decimal, *, offset: int, limit: int) -> list[StatementLine]:
        """Return one page of lines, oldest first."""
        page = self._page(opening, offset, limit)
        with connection.cursor() as cursor:
            cursor.execute(self._lines_sql(), page)
            return [StatementLine(*row) for row in cursor.fetchall()]

    def all_lines(self, opening: Decimal) -> Iterator[StatementLine]:
        """Yield all lines through a cursor on the server, however many there are."""
        whole = self.parameters | {"opening": opening, "offset": 0, "limit": None}
        with connection.chunked_cursor() as cursor:
            cursor.execute(self._lines_sql(), whole)
            for row in cursor:
                yield StatementLine(*row)

    def opening_entries(self) -> list[tuple[int, str, str]]:
        """Return key, ledger code and number of the entries that brought a balance in."""
        brought_in = [turnover for turnover in self._turnover if turnover.is_brought_in]
        if not brought_in:
            return []
        parameters = self.parameters | _periods(brought_in[0], brought_in[-1])
        with connection.cursor() as cursor:
            cursor.execute(self._head() + _OPENING_ENTRIES_SQL, parameters)
            return [(pk, code, entry_label(*parts)) for pk, code, *parts in cursor.fetchall()]

    @cached_property
    def _turnover(self) -> list[_Turnover]:
        sql = f"WITH RECURSIVE {_BELOW_SQL}, {self.scope.turnover_sql()} {_SUMS_SQL}"
        with connection.cursor() as cursor:
            cursor.execute(sql, self.parameters)
            return [_Turnover(*row) for row in cursor.fetchall()]

    @property
    def _moved(self) -> list[_Turnover]:
        return [turnover for turnover in self._turnover if not turnover.is_opening]

    def _page(self, opening: Decimal, offset: int, limit: int) -> dict[str, Any]:
        """Return the parameters of a page: its periods alone, and the balance before them."""
        months, periods = self._moved, {}
        if months and not self.scope.dimension:
            while len(months) > 1 and months[0].line_count <= offset:
                opening += months[0].debit - months[0].credit
                offset -= months[0].line_count
                months = months[1:]
            reach = accumulate(month.line_count for month in months)
            full = (n for n, lines in enumerate(reach) if lines >= offset + limit)
            periods = _periods(months[0], months[next(full, -1)])
        page = {"opening": opening, "offset": offset, "limit": limit}
        return self.parameters | periods | page

    def _head(self) -> str:
        return f"WITH RECURSIVE {_BELOW_SQL}, {PERIODS_SQL} "

    def _lines(self) -> str:
        return _FROM_LINES_SQL + (_DIMENSION_SQL if self.scope.dimension else "")

    def _lines_sql(self) -> str:
        return self._head() + _LINES_SQL.format(lines=self._lines())


def _periods(first: _Turnover, last: _Turnover) -> dict[str, Any]:
    """Return the parameters that narrow a scope to a range of periods."""
    return {
        "first_year": first.fiscal_year,
        "first_number": first.number,
        "last_year": last.fiscal_year,
        "last_number": last.number,
        "starts_on": first.starts_on,
        "ends_on": last.ends_on,
    }


def entry_label(word: str, fiscal_year: int, period_number: int, number: int) -> str:
    """Return an entry's number as `str(entry)` writes it, without the entry at hand."""
    period = f"{fiscal_year}-{period_number:02}"
    return f"{WORD_ABBREVIATIONS[Word(word)]}-{period}-{number:04}"
