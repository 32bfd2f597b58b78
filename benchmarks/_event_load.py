"""Writers, relays and what came of it, for the benchmark of events."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from django.db import connection, connections, transaction

from apps.core.notifications import stop_listening
from apps.events.models import OutboxEvent
from apps.events.services.consumers import CONSUMERS, Consumer, Event, register_consumer
from apps.events.services.outbox import NewEvent, emit_many
from apps.events.services.relay import ALL, Relay
from apps.events.words import Topic

CONTEXT = multiprocessing.get_context("fork")
NAME = "bench"
_TABLES = """
CREATE TABLE IF NOT EXISTS bench_effect (id bigserial, key text, n int, at timestamptz);
CREATE TABLE IF NOT EXISTS bench_key (key text PRIMARY KEY, n int);
"""
_EFFECT = """
INSERT INTO bench_effect (key, n, at)
SELECT k, n, clock_timestamp() FROM unnest(%s::text[], %s::int[]) AS e (k, n)
"""


def prepare(keys: int) -> list[str]:
    """Make tables and keys, and let the benchmark be the only consumer."""
    names = [f"key-{number}" for number in range(keys)]
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        cursor.execute(
            "INSERT INTO bench_key SELECT k, 0 FROM unnest(%s::text[]) AS k", [names]
        )
    CONSUMERS.clear()
    register_consumer(Consumer(NAME, NAME, frozenset({Topic.RATE_CONFIRMED}), note_effects))
    Relay().prepare()
    return names


def note_effects(events: Sequence[Event]) -> None:
    """Write the effect of each event: a row that says which came after which."""
    with connection.cursor() as cursor:
        cursor.execute(
            _EFFECT, [[event.key for event in events], [event.body["n"] for event in events]]
        )


def write_at_once(count: int, keys: list[str]) -> None:
    """Write so many events, some hundred in each transaction."""
    rng, numbers = random.Random(1), dict.fromkeys(keys, 0)
    for start in range(0, count, 500):
        with transaction.atomic():
            emit_many(
                [_next(rng.choice(keys), numbers) for _ in range(min(500, count - start))]
            )
    with connection.cursor() as cursor:
        cursor.executemany("UPDATE bench_key SET n = %s WHERE key = %s", [
            (number, key) for key, number in numbers.items()
        ])  # fmt: skip


def _next(key: str, numbers: dict[str, int]) -> NewEvent:
    numbers[key] += 1
    return NewEvent(Topic.RATE_CONFIRMED, key, None, {"n": numbers[key]})


def write_for(seconds: float, keys: list[str], *, pause: float = 0.0) -> None:
    """Write events of random keys one by one; the row of a key keeps its writers apart."""
    rng, until = random.Random(os.getpid()), time.monotonic() + seconds
    while time.monotonic() < until:
        key = rng.choice(keys)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE bench_key SET n = n + 1 WHERE key = %s RETURNING n", [key])
            (number,) = cursor.fetchone()
            emit_many([NewEvent(Topic.RATE_CONFIRMED, key, None, {"n": number})])
            if number % 50 == 0:
                # As when somebody changes his mind: the number comes again.
                transaction.set_rollback(True)
        time.sleep(pause)


def relay_for_ever(share: int = 0, shares: int = 1) -> None:
    """Relay a share of the partitions until somebody kills this process."""
    relay = Relay(ALL[share::shares])
    while True:
        relay.run(longest=timedelta(seconds=5))


def start(work: Callable[..., None], *args: object) -> multiprocessing.Process:
    """Start a process that opens its own connections."""
    connections.close_all()
    stop_listening()
    process = CONTEXT.Process(target=work, args=args)
    process.start()
    return process  # type: ignore[return-value]


def kill(process: multiprocessing.Process) -> None:
    """End a process by SIGKILL, wherever it is."""
    with suppress(ProcessLookupError):
        os.kill(process.pid or 0, signal.SIGKILL)
    process.join()


def faults() -> dict[str, int]:
    """Count events whose effect is missing, doubled or out of its order, and all of them."""
    with connection.cursor() as cursor:
        cursor.execute("""
            WITH told AS (
              SELECT key, (body::json ->> 'n')::int AS n FROM events_outboxevent
            ), had AS (SELECT key, n, count(*) AS times FROM bench_effect GROUP BY 1, 2)
            SELECT (SELECT count(*) FROM told),
              (SELECT count(*) FROM told t LEFT JOIN had h USING (key, n) WHERE h.n IS NULL),
              (SELECT count(*) FROM had WHERE times > 1),
              (SELECT count(*) FROM had h LEFT JOIN told t USING (key, n) WHERE t.n IS NULL),
              (SELECT count(*) FROM (SELECT n, lag(n) OVER (PARTITION BY key ORDER BY id)
                AS before FROM bench_effect) o WHERE n <= before),
              (SELECT coalesce(sum(n), 0) FROM bench_key)
        """)
        told, missing, doubled, invented, disordered, committed = cursor.fetchone()
    return {
        "told": told,
        "missing": missing,
        "doubled": doubled,
        "invented": invented,
        "disordered": disordered,
        "not written": abs(int(committed) - told),
    }


def mean_delay_ms(*, since: datetime) -> float:
    """Return how long an event took on average from being written to its effect."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT extract(epoch FROM avg(f.at - o.occurred_at)) * 1000 FROM bench_effect f
            JOIN events_outboxevent o ON o.key = f.key AND (o.body::json ->> 'n')::int = f.n
            WHERE o.occurred_at >= %s
            """,
            [since],
        )
        return float(cursor.fetchone()[0])


def waiting() -> int:
    """Return how many events wait for the relay."""
    return OutboxEvent.objects.filter(position=None).count()
