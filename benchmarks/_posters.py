"""Processes that post through the ledger's own service for some seconds, all at once."""

from __future__ import annotations

import multiprocessing
import random
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier

from django.db import connections

from apps.core.trace import trace
from apps.ledgers.services.posting import post_entries
from benchmarks._books import Books, make_entry

# Forked, so that the processes need no start-up; connections are opened after the fork.
_CONTEXT = multiprocessing.get_context("fork")
_WARM_UP = 12


@dataclass(frozen=True, slots=True)
class Load:
    """What the processes do: how many, for how long, how many entries in one call."""

    processes: int
    seconds: int
    batch: int = 1
    is_hot: bool = False


def postings_per_second(books: Books, load: Load) -> float:
    """Return how many postings a second all processes reach together."""
    connections.close_all()
    barrier = _CONTEXT.Barrier(load.processes)
    ends = []
    for number in range(load.processes):
        ours, theirs = _CONTEXT.Pipe(duplex=False)
        process = _CONTEXT.Process(target=_post, args=(books, load, number, barrier, theirs))
        process.start()
        theirs.close()
        ends.append((process, ours))
    rate: float = sum(ours.recv() for _, ours in ends)
    for process, _ in ends:
        process.join()
    return rate


def _post(books: Books, load: Load, number: int, barrier: Barrier, answer: Connection) -> None:
    """Post until the time is over; answer with the rate of this process."""
    rng = random.Random(f"{number} {time.time_ns()}")
    tag = rng.getrandbits(64)
    for place in range(_WARM_UP):
        _post_once(books, load, rng, f"{tag:x}-warm-{place}")
    barrier.wait()
    started, count = time.monotonic(), 0
    while (passed := time.monotonic() - started) < load.seconds:
        _post_once(books, load, rng, f"{tag:x}-{count}")
        count += 1
    answer.send(count * load.batch / passed)
    connections.close_all()


def _post_once(books: Books, load: Load, rng: random.Random, key: str) -> None:
    hot = (books.account_ids[0], rng.choice(books.account_ids[1:])) if load.is_hot else None
    entries = [
        make_entry(books, rng, f"{key}-{place}", accounts=hot) for place in range(load.batch)
    ]
    with trace():
        post_entries(entries, actor=books.poster, base_currency="CNY", reason="benchmark")
