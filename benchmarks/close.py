"""Close a month of a million lines in 5,000 accounts, beside the bare SQL of the same work.

    ./run bench close [-- --lines 1000000 --accounts 5000]

The month is filled by COPY, then closed as its page does it: profit transfer, checklist,
opening balances and state. The bare SQL adds up the same lines by account and writes the
same opening balances into a table without guards. Memory is the peak of this process: the
rows of a close stay in the database.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import time
from collections.abc import Callable
from datetime import date
from typing import Any

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "finance_mis.settings")
    django.setup()

from django.db import connection

from apps.core.operation import operation
from apps.ledgers.models import Account, AccountClass, OpeningBalance, Period, Side
from apps.ledgers.services.closing.close import close_period
from apps.ledgers.services.closing.revaluation import revalue_period
from apps.ledgers.services.closing.settings import save_closing_settings
from apps.ledgers.services.closing.transfer import transfer_profit
from benchmarks._books import YEAR, Books, make_books
from benchmarks._report import Figure, Report, below
from benchmarks.fill import fill_books

LINES_PER_ENTRY = 4
LONGEST_CLOSE_SECONDS = 10
LARGEST_GROWTH_MB = 64

_BARE_LINES = """
SELECT count(*) FROM (
  SELECT l.account_id, sum(l.debit), sum(l.credit), count(*)
  FROM ledgers_journalentry e JOIN ledgers_journalline l ON l.entry_id = e.id
  WHERE e.ledger_id = %s AND e.period_id = %s AND e.state = 'posted'
  GROUP BY l.account_id) sums
"""
_BARE_OPENINGS = """
CREATE TEMPORARY TABLE bare AS
SELECT account_id, dimension_set_id, currency_id, sum(debit - credit) AS amount,
  sum(base_debit - base_credit) AS base_amount
FROM ledgers_accountbalance WHERE ledger_id = %s AND period_id = %s
GROUP BY 1, 2, 3 HAVING sum(debit - credit) <> 0 OR sum(base_debit - base_credit) <> 0
"""


def main(arguments: list[str]) -> None:
    """Fill a month, close it, and say how long each step took."""
    options = _options(arguments)
    books = make_books(accounts=options.accounts)
    _add_closing_accounts(books)
    days = date(YEAR, 1, 1), date(YEAR, 1, 31)
    entries = options.lines // LINES_PER_ENTRY
    lines = fill_books(
        books, entries=entries, lines_per_entry=LINES_PER_ENTRY, days=days, unposted=0
    )
    _analyze()
    report = Report()
    report.add(Figure("lines in the month", lines, "lines"))
    january = Period.objects.select_related("ledger__organization").get(
        ledger=books.ledger, fiscal_year=YEAR, number=1
    )
    keys = [books.ledger.pk, january.pk]
    bare = _seconds(lambda: _run(_BARE_LINES, keys)) + _seconds(
        lambda: _run(_BARE_OPENINGS, keys)
    )
    report.add(Figure("bare SQL: add up lines, write openings", bare, "s"))
    _close(report, books, january, bare)


def _close(report: Report, books: Books, january: Period, bare: float) -> None:
    actor = books.poster
    revaluation = _seconds(lambda: revalue_period(january, actor=actor))
    transfer = _seconds(lambda: transfer_profit(january, actor=actor))
    before = _peak_mb()
    january.refresh_from_db()
    close = _seconds(lambda: close_period(january, version=january.version, actor=actor))
    openings = OpeningBalance.objects.filter(ledger=books.ledger).count()
    report.add(Figure("revaluation", revaluation, "s"))
    report.add(Figure("profit transfer", transfer, "s"))
    report.add(Figure("opening balances written", openings, "rows"))
    report.add(Figure("close against the bare SQL", close / bare, "x"))
    report.add(below("close of the month", close, "s", LONGEST_CLOSE_SECONDS))
    total = revaluation + transfer + close
    report.add(below("all steps of the close", total, "s", LONGEST_CLOSE_SECONDS))
    report.add(below("memory grown by the close", _peak_mb() - before, "MB", LARGEST_GROWTH_MB))
    report.end()


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="close")
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--accounts", type=int, default=5_000)
    return parser.parse_args(arguments)


def _add_closing_accounts(books: Books) -> None:
    """Give the ledger where its profit goes."""
    with operation("bench.prepare", actor=books.poster):
        made = {
            name: Account.create_versioned(
                actor=books.poster,
                chart=books.ledger.chart,
                code=code,
                name=code,
                account_class=AccountClass.EQUITY,
                normal_side=Side.CREDIT,
            )
            for name, code in (("profit_account", "4103"), ("retained_account", "410406"))
        }
    save_closing_settings(books.ledger, version=None, actor=books.poster, **made)


def _analyze() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _seconds(work: Callable[[], Any]) -> float:
    started = time.monotonic_ns()
    work()
    return (time.monotonic_ns() - started) / 1e9


def _run(sql: str, values: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main(sys.argv[1:])
