"""How fast entries are posted through `post_entries`, with all that belongs to a posting.

    ./run bench posting [-- TURNS]

    limit     the same rows in the same tables by one PL/pgSQL call, driven by pgbench
    peer      django-hordak 2.0.0, which keeps neither balances nor numbers nor a log

Both run on the same cluster in turns with ours, and each ratio is the median over the turns:
what else the machine does then weighs on all three alike.
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable
from statistics import median

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "finance_mis.settings")
    django.setup()

from django.db import connection
from django.db.models import Max, Sum

from apps.ledgers.models import AccountTotal, EntryCounter, JournalEntry, JournalLine
from apps.ledgers.services.verification import verify_books
from benchmarks._books import Books, make_books
from benchmarks._limit import Limit
from benchmarks._peer import Peer
from benchmarks._posters import Load, post_at_once, prepare_call
from benchmarks._report import Figure, Report

TURNS = 5
SECONDS = 2
PROCESSES = 6
WRITERS = 16
BATCH = 100
UNIT = "postings/s"


def main() -> None:
    """Measure in turns, prove the hot account, print each figure."""
    turns = int(sys.argv[1]) if sys.argv[1:] else TURNS
    books, hot_books = make_books("bench"), make_books("hot")
    _fill(books)
    limit = Limit(books)
    limit.run(clients=2, seconds=SECONDS, batch=BATCH)
    bare = median(limit.run(clients=2, seconds=SECONDS, batch=BATCH) for _ in range(3))
    limit.add_foreign_keys()
    posted_hot = 0
    measured: dict[str, list[float]] = {}

    def hot() -> float:
        nonlocal posted_hot
        outcome = post_at_once(hot_books, Load(WRITERS, SECONDS, is_hot=True))
        posted_hot += outcome.made
        return outcome.rate

    with Peer() as peer:
        runs: dict[str, Callable[[], float]] = {
            "limit": lambda: limit.run(clients=8, seconds=SECONDS),
            "ours": lambda: post_at_once(books, Load(PROCESSES, SECONDS)).rate,
            "peer": lambda: peer.run(processes=PROCESSES, seconds=SECONDS),
            "batch limit": lambda: limit.run(clients=2, seconds=SECONDS, batch=BATCH),
            "batch": lambda: post_at_once(books, Load(2, SECONDS, batch=BATCH)).rate,
            "spread": lambda: post_at_once(books, Load(WRITERS, SECONDS)).rate,
            "hot": hot,
        }
        for _ in range(turns):
            for name, run in runs.items():
                measured.setdefault(name, []).append(run())
    report = Report()
    for figure in _figures(measured, bare):
        report.add(figure)
    report.add(_what_is_lost(hot_books, posted_hot))
    report.end()


def _fill(books: Books) -> None:
    """Post some thousand entries, so that nothing is measured on empty tables."""
    load, rng = Load(1, 0, batch=250), random.Random(2026)
    for number in range(20):
        prepare_call(books, load, rng, f"fill-{number}")()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _figures(measured: dict[str, list[float]], bare: float) -> list[Figure]:
    middle = {name: median(values) for name, values in measured.items()}

    def figure(name: str, value: str, of: str, share: float, **more: float) -> Figure:
        pairs = zip(measured[value], measured[of], strict=True)
        ratio = median(mine / other for mine, other in pairs)
        goal = f">= {share:g} x {of}"
        return Figure(
            name, middle[value], UNIT, ratio=ratio, goal=goal, holds=ratio >= share, **more
        )

    return [
        figure("one at a time", "ours", "limit", 0.25, limit=middle["limit"]),
        figure("one at a time, peer", "ours", "peer", 1.5, peer=middle["peer"]),
        figure("batches of 100", "batch", "batch limit", 0.6, limit=middle["batch limit"]),
        Figure("batches of 100, limit without foreign keys", bare, UNIT),
        figure("one hot account, 16 writers", "hot", "spread", 0.6, limit=middle["spread"]),
    ]


def _what_is_lost(books: Books, posted: int) -> Figure:
    """Count what the hot account lacks: versions, lines, numbers, sums; none may."""
    hot, ledger = books.account_ids[0], books.ledger
    kept = AccountTotal.objects.filter(ledger=ledger, account=hot).aggregate(
        versions=Sum("version"),
        lines=Sum("line_count"),
        debit=Sum("debit"),
        credit=Sum("credit"),
    )
    lines = JournalLine.objects.filter(ledger=ledger, account=hot).aggregate(
        debit=Sum("debit"), credit=Sum("credit")
    )
    numbers = (
        JournalEntry.objects.filter(ledger=ledger)
        .values("period", "word")
        .annotate(last=Max("number"))
        .aggregate(numbers=Sum("last"))["numbers"]
    )
    counted = EntryCounter.objects.filter(ledger=ledger).aggregate(last=Sum("last_number"))[
        "last"
    ]
    lost = sum(
        abs(posted - int(got)) for got in (kept["versions"], kept["lines"], numbers, counted)
    )
    lost += sum(kept[side] != lines[side] for side in ("debit", "credit"))
    lost += sum(outcome.count for outcome in verify_books(ledger.pk))
    return Figure(
        "one hot account, lost of all", lost, f"of {posted}", goal="0", holds=lost == 0
    )


if __name__ == "__main__":
    main()
