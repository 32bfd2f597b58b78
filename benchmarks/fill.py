"""Fill a ledger with a large journal by COPY: a million lines in less than half a minute.

    ./run bench fill                                    on a throw-away cluster, measured
    ./run env python -m benchmarks.fill LEDGER --entries 100000        the demo's database

Other benchmarks call `fill_books(books, entries=..., lines_per_entry=...)`. Posted entries
come with their lines, hashes, numbers, balances, totals, counters and rows in the operation
log; some at the end are not posted yet, with their history. `verify_books` holds afterwards.

For its own transaction the load SWITCHES OFF ALL TRIGGERS, the guards of the books among
them, so it needs a superuser and is only for data that may be thrown away. What the guards
would have refused is looked for at the end, inside the same transaction.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "finance_mis.settings")
    django.setup()

from django.db import connection, transaction
from django.db.models import Max, Q

from apps.ledgers.models import Account, JournalEntry, Ledger
from apps.ledgers.models.balances import EntryCounter
from apps.organizations.models import Currency, User
from benchmarks._books import Books, make_books
from benchmarks._crowd import add_crowd, people_of, sets_of_accounts
from benchmarks._loading import Loading, prove, tidy_up
from benchmarks._report import Figure, Report
from benchmarks._rows import Plan, chunks, line_count

if TYPE_CHECKING:
    from collections.abc import Iterable

NOTE = "fill: all triggers are off while the rows are loaded; this is no database to keep"


def fill_books(
    books: Books,
    *,
    entries: int,
    lines_per_entry: int = 4,
    accounts: int | None = None,
    days: tuple[date, date] | None = None,
    unposted: int | None = None,
) -> int:
    """Add entries to a benchmark's books and return how many lines they have.

    The first of the books' accounts is the busiest; `accounts` takes only that many. The
    entries spread over all open periods unless the first and last of the `days` are given.
    One in a hundred is unposted unless `unposted` says how many.
    """
    system = User.objects.get(username="system")
    add_crowd(books.ledger, system)
    return fill_ledger(
        books.ledger,
        entries=entries,
        lines_per_entry=lines_per_entry,
        account_ids=books.account_ids[:accounts],
        days=days,
        unposted=unposted,
    )


def fill_ledger(
    ledger: Ledger,
    *,
    entries: int,
    lines_per_entry: int = 4,
    account_ids: Sequence[int] | None = None,
    days: tuple[date, date] | None = None,
    unposted: int | None = None,
) -> int:
    """Add entries to any ledger whose organization has accountants and approvers.

    Raises:
        RuntimeError: what was loaded does not hold; nothing is kept.
    """
    print(NOTE, file=sys.stderr, flush=True)
    with transaction.atomic():
        plan = _plan(ledger, entries, lines_per_entry, account_ids)
        plan = replace(
            plan,
            days=_days(ledger, days),
            unposted=entries // 100 if unposted is None else unposted,
        )
        Loading(plan.first_entry).run(chunks(plan, random.Random(entries)))
        if found := prove(ledger.pk):
            raise RuntimeError("\n".join(found))
    tidy_up()
    return line_count(plan)


def _plan(
    ledger: Ledger, entries: int, lines_per_entry: int, account_ids: Sequence[int] | None
) -> Plan:
    """Return the plan of a load that comes after every entry there is."""
    people = people_of(ledger)
    chosen = _accounts(ledger, account_ids)
    currency = Currency.objects.get(code=ledger.base_currency_id)
    last = JournalEntry.objects.aggregate(last=Max("pk"))["last"] or 0
    return Plan(
        ledger_id=ledger.pk,
        currency=currency.code,
        minor_digits=currency.minor_digits,
        entries=entries,
        unposted=0,
        lines_per_entry=lines_per_entry,
        first_entry=last + 1,
        days=(),
        accounts=[account.pk for account in chosen],
        dimension_sets=sets_of_accounts(ledger, chosen),
        makers=people.makers,
        checkers=people.checkers,
        posters=people.posters,
        numbers=_numbers(ledger),
    )


def _accounts(ledger: Ledger, account_ids: Sequence[int] | None) -> list[Account]:
    """Return unguarded leaves that take the base currency, in the order that was given."""
    rows = Account.objects.filter(chart=ledger.chart_id, guard="none").taking_postings()
    rows = rows.filter(Q(currency=None) | Q(currency=ledger.base_currency_id))
    if account_ids is None:
        return list(rows.filter(allows_manual=True).order_by("code"))
    found: dict[int, Account] = rows.in_bulk(account_ids)
    return [found[key] for key in account_ids if key in found]


def _days(ledger: Ledger, days: tuple[date, date] | None) -> list[tuple[str, int]]:
    """Return the days of open periods with their period, all or those of a range."""
    periods: Iterable[tuple[int, date, date]] = (
        ledger.periods.open()
        .filter(is_adjustment=False)
        .order_by("starts_on")
        .values_list("pk", "starts_on", "ends_on")
    )
    every = [
        (start + timedelta(days=number), pk)
        for pk, start, end in periods
        for number in range((end - start).days + 1)
    ]
    first, last = days or (date.min, date.max)
    return [(day.isoformat(), pk) for day, pk in every if first <= day <= last]


def _numbers(ledger: Ledger) -> dict[tuple[int, str], int]:
    counters = EntryCounter.objects.filter(ledger=ledger)
    return {(c.period_id, c.word): c.last_number for c in counters}


def _measure(entries: int, lines_per_entry: int) -> None:
    """Fill new books and report how fast that was."""
    report = Report()
    started = time.monotonic()
    lines = fill_books(
        make_books(accounts=2_000), entries=entries, lines_per_entry=lines_per_entry
    )
    rate = lines / (time.monotonic() - started) * 60
    report.add(
        Figure(
            f"fill: {lines} lines, indexes and proof included",
            rate,
            "lines/min",
            goal=">= 2000000 lines/min",
            holds=rate >= 2_000_000,
        )
    )
    report.end()


def main() -> None:
    """Fill the ledger that is named, or new books."""
    parser = argparse.ArgumentParser(description="Fill a ledger with a large journal.")
    parser.add_argument("ledger", nargs="?", help="code of a ledger; new books without it")
    parser.add_argument("--entries", type=int, default=500_000)
    parser.add_argument("--lines-per-entry", type=int, default=4)
    options = parser.parse_args()
    sizes = {"entries": options.entries, "lines_per_entry": options.lines_per_entry}
    if options.ledger is None:
        _measure(**sizes)
        return
    lines = fill_ledger(Ledger.objects.get(code=options.ledger), **sizes)
    print(f"fill: {lines} lines", file=sys.stderr)
    connection.close()


if __name__ == "__main__":
    main()
