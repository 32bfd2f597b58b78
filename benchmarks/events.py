"""How fast events are relayed, and that none is lost, doubled or out of order by kills.

./run bench events [-- KILLS]

limit     the same rows read, marked and noted by plain SQL: no signature, no check
kills     writers at work, two relays, one of them ended by SIGKILL again and again
"""

from __future__ import annotations

import os
import random
import sys
import time

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "finance_mis.settings")
    django.setup()

from django.db import connection
from django.utils import timezone

from apps.events.services.relay import Relay
from benchmarks import _event_load as load
from benchmarks._report import Figure, Report, at_least, below

EVENTS, KEYS, KILLS = 30_000, 500, 20
WRITERS, RELAYS = 2, 2
STEADY_SECONDS, STEADY_RATE = 20, 500
GOAL_RATE, GOAL_DELAY_MS = 5_000, 43


def main() -> None:
    """Measure the relay and its limit, a steady load, and the kills."""
    kills = int(sys.argv[1]) if sys.argv[1:] else KILLS
    report, keys = Report(), load.prepare(KEYS)
    load.write_at_once(EVENTS, keys)
    limit = _limit()
    rate = _drain()
    report.add(
        at_least("relay of a backlog", rate, "events/s", of=GOAL_RATE, share=1, limit=limit)
    )
    report.add(_faults("relay of a backlog, faults"))
    report.add(below("delay at a steady load, mean", _steady(keys), "ms", GOAL_DELAY_MS))
    report.add(Figure("delay at a steady load, backlog at its end", load.waiting(), "events"))
    _kill_again_and_again(kills, keys)
    report.add(_faults(f"after {kills} kills, faults"))
    report.end()


def _limit() -> float:
    """Return how many events a bare loop takes from a table like the outbox in a second."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_outbox AS SELECT * FROM events_outboxevent")
        cursor.execute("CREATE INDEX ON bench_outbox (number) WHERE position IS NULL")
        cursor.execute("CREATE TABLE bench_inbox (event_id uuid PRIMARY KEY)")
        cursor.execute("ANALYZE bench_outbox")
        started, taken, total = time.perf_counter(), 1, 0
        while taken:
            cursor.execute("""
                WITH next AS (SELECT event_id, number FROM bench_outbox
                  WHERE position IS NULL ORDER BY number LIMIT 500
                ), placed AS (UPDATE bench_outbox o SET position = o.number FROM next n
                  WHERE o.number = n.number AND o.position IS NULL)
                INSERT INTO bench_inbox SELECT event_id FROM next
            """)
            taken = cursor.rowcount
            total += taken
        return total / (time.perf_counter() - started)


def _drain() -> float:
    started = time.perf_counter()
    Relay().drain()
    return EVENTS / (time.perf_counter() - started)


def _steady(keys: list[str]) -> float:
    """Return the mean delay in milliseconds while events come at a steady rate."""
    began = timezone.now()
    relay = load.start(load.relay_for_ever)
    pause = WRITERS / STEADY_RATE - 0.002
    writers = [load.start(_write_steadily, keys, pause) for _ in range(WRITERS)]
    for writer in writers:
        writer.join()
    time.sleep(0.1)
    load.kill(relay)
    return load.mean_delay_ms(since=began)


def _write_steadily(keys: list[str], pause: float) -> None:
    load.write_for(STEADY_SECONDS, keys, pause=pause)


def _kill_again_and_again(kills: int, keys: list[str]) -> None:
    """Kill relays, which are the consumers too, at random moments while events are written."""
    rng = random.Random(7)
    writers = [load.start(load.write_for, kills * 0.6 + 2, keys) for _ in range(WRITERS)]
    relays = [load.start(load.relay_for_ever) for _ in range(RELAYS)]
    for number in range(kills):
        time.sleep(rng.uniform(0.1, 0.6))
        victim = number % RELAYS
        load.kill(relays[victim])
        relays[victim] = load.start(load.relay_for_ever)
    for writer in writers:
        writer.join()
    for relay in relays:
        load.kill(relay)
    Relay().drain()


def _faults(name: str) -> Figure:
    found = load.faults()
    told = found.pop("told")
    return Figure(
        name, sum(found.values()), f"of {told}", goal="0", holds=not any(found.values())
    )


if __name__ == "__main__":
    main()
