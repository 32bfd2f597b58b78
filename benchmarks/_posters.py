"""Processes that post through the ledger's own service."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from apps.core.trace import trace
from apps.ledgers.services.posting import post_entries
from benchmarks._books import Books, make_entry
from benchmarks._processes import Outcome, run_processes

# What each process makes ready beforehand: the caller's work, not the posting's.
AHEAD_ONE_BY_ONE, AHEAD_BATCHES = 1_000, 80


@dataclass(frozen=True, slots=True)
class Load:
    """What the processes do: how many, for how long, how many entries in one call.

    A hot load debits one account in one month with every entry: one row for all.
    """

    processes: int
    seconds: float
    batch: int = 1
    is_hot: bool = False


def post_at_once(books: Books, load: Load) -> Outcome:
    """Let all processes post, and return what they reached."""
    return run_processes(
        lambda rng, key: prepare_call(books, load, rng, key),
        processes=load.processes,
        seconds=load.seconds,
        ahead=AHEAD_ONE_BY_ONE if load.batch == 1 else AHEAD_BATCHES,
    )


def prepare_call(books: Books, load: Load, rng: random.Random, key: str) -> Callable[[], int]:
    """Make the entries of one call; return what posts them, under a trace of its own."""
    hot, *others = books.account_ids
    entries = [
        make_entry(
            books,
            rng,
            f"{key}-{place}",
            accounts=(hot, rng.choice(others)) if load.is_hot else None,
            month=6 if load.is_hot else None,
        )
        for place in range(load.batch)
    ]

    def post() -> int:
        with trace():
            post_entries(entries, actor=books.poster, base_currency="CNY", reason="benchmark")
        return load.batch

    return post
