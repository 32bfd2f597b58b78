"""Processes that all do the same for some seconds, started together."""

from __future__ import annotations

import itertools
import multiprocessing
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier

from django.db import connections

# Given random numbers and a unique text, makes everything ready and returns the call that is
# measured, which says how many entries it made.
Prepare = Callable[[random.Random, str], Callable[[], int]]

# Forked, so that the processes need no start-up; connections are opened after the fork.
_CONTEXT = multiprocessing.get_context("fork")
_WARM_UP = 12


@dataclass(frozen=True, slots=True)
class Outcome:
    """Entries a second of all processes together, and all that they made, warm-up included."""

    rate: float
    made: int


def run_processes(prepare: Prepare, *, processes: int, seconds: float, ahead: int) -> Outcome:
    """Let processes work for some seconds, from when all are warm and have calls ready.

    `ahead` is how many calls each makes ready; what goes beyond is made ready while the time
    runs.
    """
    connections.close_all()
    barrier = _CONTEXT.Barrier(processes)
    ends = []
    for number in range(processes):
        ours, theirs = _CONTEXT.Pipe(duplex=False)
        process = _CONTEXT.Process(
            target=_work, args=(prepare, number, seconds, ahead, barrier, theirs)
        )
        process.start()
        theirs.close()
        ends.append((process, ours))
    answers = [ours.recv() for _, ours in ends]
    for process, _ in ends:
        process.join()
    return Outcome(sum(rate for rate, _ in answers), sum(made for _, made in answers))


def _work(
    prepare: Prepare,
    number: int,
    seconds: float,
    ahead: int,
    barrier: Barrier,
    answer: Connection,
) -> None:
    """Work until the time is over; answer with the rate and the count of this process."""
    rng = random.Random(f"{number} {time.time_ns()}")
    keys = map(f"{rng.getrandbits(64):x}-{{}}".format, itertools.count())
    warmed = sum(prepare(rng, next(keys))() for _ in range(_WARM_UP))
    ready = [prepare(rng, next(keys)) for _ in range(ahead)]
    barrier.wait()
    started, made = time.monotonic(), 0
    while (passed := time.monotonic() - started) < seconds:
        call = ready.pop() if ready else prepare(rng, next(keys))
        made += call()
    answer.send((made / passed, made + warmed))
    connections.close_all()
