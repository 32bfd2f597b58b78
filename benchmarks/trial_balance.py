"""A trial balance over millions of lines: the page's own statement, and the same from lines.

What is timed is the database alone, by its own clock (EXPLAIN ANALYZE, planning included):
the statement that the page and its service run. The limit is one pass over the roll-up rows
that any trial balance has to read; the peer adds the lines up anew, which is what books
without roll-ups do. Both answers are compared, account by account.
"""

from __future__ import annotations

import argparse
import os
from decimal import Decimal
from statistics import median
from typing import Any

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "finance_mis.settings")
    django.setup()

from django.db import connection

from apps.ledgers.services.statement_scope import StatementScope
from apps.reports.services.trial_balance import figures_sql
from benchmarks._books import make_books
from benchmarks._report import Figure, Report
from benchmarks.fill import fill_books

GOAL_MS = 50
RUNS = 15
_LIMIT_SQL = """
SELECT account_id, sum(debit), sum(credit), sum(line_count) FROM ledgers_accounttotal
WHERE ledger_id = %(ledger)s GROUP BY account_id
"""
_LINES_SQL = """
SELECT a.id, coalesce(sum(l.debit - l.credit) FILTER (WHERE p.is_earlier), 0.00),
  coalesce(sum(l.debit) FILTER (WHERE NOT p.is_earlier), 0.00),
  coalesce(sum(l.credit) FILTER (WHERE NOT p.is_earlier), 0.00), count(*)
FROM (SELECT id, (fiscal_year, number) < (%(first_year)s, %(first_number)s) AS is_earlier
      FROM ledgers_period WHERE ledger_id = ANY (%(ledgers)s)
        AND (fiscal_year, number) <= (%(last_year)s, %(last_number)s)) p
JOIN ledgers_journalentry e ON e.period_id = p.id AND e.state = 'posted'
JOIN ledgers_journalline l ON l.entry_id = e.id
JOIN ledgers_account a ON a.id = l.account_id
GROUP BY a.id
"""


def milliseconds(sql: str, parameters: dict[str, Any], runs: int = RUNS) -> float:
    """Return the median time of a statement in the database, planning included."""
    times = []
    with connection.cursor() as cursor:
        for _run in range(runs + 1):
            cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}", parameters)
            plan = cursor.fetchone()[0][0]
            times.append(plan["Planning Time"] + plan["Execution Time"])
    return float(median(times[1:]))


def _figures(sql: str, parameters: dict[str, Any]) -> dict[int, list[Decimal]]:
    """Return opening, debit, credit and line count of each account that has any."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return {row[0]: list(row[-4:]) for row in cursor.fetchall() if row[-1] is not None}


def main() -> None:
    """Fill books and report the statement, its limit and its peer."""
    parser = argparse.ArgumentParser(description="Measure the trial balance of large books.")
    parser.add_argument("--entries", type=int, default=1_250_000)
    parser.add_argument("--accounts", type=int, default=2_000)
    options = parser.parse_args()
    books = make_books("balance", accounts=options.accounts)
    lines = fill_books(books, entries=options.entries)
    periods = [p for p in books.ledger.periods.all() if not p.is_adjustment]
    report = Report()
    for name, first, last in (
        ("year", periods[0], periods[-1]),
        ("month", periods[-1], periods[-1]),
    ):
        sql, parameters = figures_sql(StatementScope(books.ledger, first, last))
        if _figures(sql, parameters) != _figures(_LINES_SQL, parameters):
            raise RuntimeError(f"the trial balance of the {name} differs from its lines")
        value = milliseconds(sql, parameters)
        limit = milliseconds(_LIMIT_SQL, {"ledger": books.ledger.pk})
        peer = milliseconds(_LINES_SQL, parameters, runs=3)
        report.add(
            Figure(
                f"trial balance of a {name}, {lines} lines, {options.accounts} accounts",
                value,
                "ms",
                limit=limit,
                peer=peer,
                ratio=value / limit,
                goal=f"< {GOAL_MS} ms",
                holds=value < GOAL_MS,
            )
        )
    report.end()


if __name__ == "__main__":
    main()
