"""Account detail 明细账: the posted lines of an account with the balance after each.

A group shows the lines of all accounts below it. The running balance is a window function
over the whole range, so that it is right on every page; opening entries stand in the
opening balance, as they do in the trial balance.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from apps.ledgers.models import Account
from apps.ledgers.models.choices import WORD_ABBREVIATIONS, Word
from apps.ledgers.services.statement_scope import PERIODS_SQL, StatementScope, side_of

_BELOW_SQL = """
below AS (
  SELECT %(account)s::bigint AS id
  UNION ALL
  SELECT a.id FROM ledgers_account a JOIN below ON a.parent_id = below.id
)"""
_SUMS_SQL = """
SELECT coalesce(sum(debit - credit) FILTER (WHERE is_opening), 0.00),
  coalesce(sum(debit) FILTER (WHERE NOT is_opening), 0.00),
  coalesce(sum(credit) FILTER (WHERE NOT is_opening), 0.00)
FROM turnover WHERE account_id IN (SELECT id FROM below)
"""
_FROM_LINES_SQL = """
FROM scope s
JOIN ledgers_journalentry e ON e.ledger_id = s.ledger_id AND e.period_id = s.id
JOIN ledgers_journalline l ON l.entry_id = e.id
LEFT JOIN ledgers_journalentry o ON o.id = e.reversal_of_id
CROSS JOIN LATERAL ledgers_bucket(coalesce(o.kind, e.kind)) AS bucket
WHERE NOT s.is_earlier AND e.state = 'posted' AND bucket <> 1
  AND (%(with_closing)s OR bucket <> 9)
  AND l.account_id = ANY (ARRAY(SELECT id FROM below)) AND l.ledger_id = ANY (%(ledgers)s)
  AND l.entry_date BETWEEN %(starts_on)s AND %(ends_on)s
"""
_DIMENSION_SQL = """
  AND l.dimension_set_id IN (SELECT d.id FROM ledgers_dimensionset d
    WHERE d.value_ids @> ARRAY[%(dimension_value)s]::bigint[])
"""
_LINES_SQL = """
SELECT w.entry_id, w.ledger_id, g.code, w.entry_date, w.word, w.number,
  p.fiscal_year, p.number, w.summary, a.code, d.label, w.currency_id, w.amount,
  w.debit, w.credit, w.running
FROM (
  SELECT l.entry_id, l.ledger_id, l.entry_date, l.position, e.word, e.number, e.period_id,
    coalesce(nullif(l.summary, ''), e.summary) AS summary, l.account_id, l.dimension_set_id,
    l.currency_id, l.amount, l.debit, l.credit,
    %(opening)s + sum(l.base_amount) OVER (
      ORDER BY l.entry_date, l.entry_id, l.position ROWS UNBOUNDED PRECEDING) AS running
  {lines}
  ORDER BY l.entry_date, l.entry_id, l.position
  LIMIT %(limit)s OFFSET %(offset)s
) w
JOIN ledgers_ledger g ON g.id = w.ledger_id
JOIN ledgers_period p ON p.id = w.period_id
JOIN ledgers_account a ON a.id = w.account_id
LEFT JOIN ledgers_dimensionset d ON d.id = w.dimension_set_id
ORDER BY w.entry_date, w.entry_id, w.position
"""
_OPENING_ENTRIES_SQL = """
SELECT DISTINCT e.id, g.code, e.word, p.fiscal_year, p.number, e.number
FROM scope s
JOIN ledgers_journalentry e ON e.ledger_id = s.ledger_id AND e.period_id = s.id
JOIN ledgers_period p ON p.id = s.id
JOIN ledgers_ledger g ON g.id = s.ledger_id
WHERE e.state = 'posted' AND e.kind = 'opening' AND EXISTS (
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
    """The statement of one account in a scope; each method is one query."""

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
        sql = f"WITH RECURSIVE {_BELOW_SQL}, {self.scope.turnover_sql()} {_SUMS_SQL}"
        with connection.cursor() as cursor:
            cursor.execute(sql, self.parameters)
            return AccountSums(*cursor.fetchone())

    def count(self) -> int:
        """Return how many lines the range has."""
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
        with connection.chunked_cursor() as cursor:
            cursor.execute(self._lines_sql(), self._page(opening, 0, None))
            for row in cursor:
                yield StatementLine(*row)

    def opening_entries(self) -> list[tuple[int, str, str]]:
        """Return key, ledger code and number of the entries that brought a balance in."""
        with connection.cursor() as cursor:
            cursor.execute(self._head() + _OPENING_ENTRIES_SQL, self.parameters)
            return [(pk, code, entry_label(*parts)) for pk, code, *parts in cursor.fetchall()]

    def _head(self) -> str:
        return f"WITH RECURSIVE {_BELOW_SQL}, {PERIODS_SQL} "

    def _lines(self) -> str:
        return _FROM_LINES_SQL + (_DIMENSION_SQL if self.scope.dimension else "")

    def _lines_sql(self) -> str:
        return self._head() + _LINES_SQL.format(lines=self._lines())

    def _page(self, opening: Decimal, offset: int, limit: int | None) -> dict[str, Any]:
        return self.parameters | {"opening": opening, "offset": offset, "limit": limit}


def entry_label(word: str, fiscal_year: int, period_number: int, number: int) -> str:
    """Return an entry's number as `str(entry)` writes it, without the entry at hand."""
    period = f"{fiscal_year}-{period_number:02}"
    return f"{WORD_ABBREVIATIONS[Word(word)]}-{period}-{number:04}"
