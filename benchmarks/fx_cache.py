"""Look-ups of exchange rates: the cache, Redis and PostgreSQL side by side in one process.

Goals: 500,000 look-ups a second from the cache, 30 times as many as a GET from Redis, and a
change seen by another process within 50 ms (median) and 1 s (worst).

    ./run bench fx_cache                 a quarter of a minute
    ./run bench fx_cache -- --changes 300
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import statistics
import time
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from multiprocessing.connection import Connection

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "finance_mis.settings")
    django.setup()

from django.conf import settings
from django.db import connection, connections, transaction
from redis import Redis

from apps.core import notifications
from apps.fx.models import ExchangeRate, RateState, RateType
from apps.fx.services.lookup import cache_state, find_rate
from apps.fx.services.rates import NewRate, publish_rates
from apps.organizations.models import Organization, User
from benchmarks._report import Figure, Report, at_least, below

DAY = date(2026, 1, 15)
DAYS = 64
GOAL_PER_SECOND = 500_000
GOAL_TIMES_REDIS = 30
GOAL_MEDIAN_MS, GOAL_WORST_MS = 50, 1000
_FORK = multiprocessing.get_context("fork")
_NEXT_MS = 20
# What a SELECT of one rate is at the least: the newest confirmed one of a pair.
SELECT = """
SELECT rate, per FROM fx_exchangerate
WHERE state = 'confirmed' AND from_currency = %s AND to_currency = %s AND rate_type = %s
  AND valid_from BETWEEN %s AND %s AND (organization_id IS NULL OR organization_id = %s)
ORDER BY valid_from DESC, organization_id IS NOT NULL DESC, revision DESC LIMIT 1
"""


def main() -> None:
    """Measure, print, and end with 1 unless every goal holds."""
    arguments = _arguments()
    organization = _prepare()
    report = Report()
    days = [DAY - timedelta(days=number) for number in range(DAYS)]
    cached = _per_second(lambda day: find_rate(organization, "EUR", "CNY", on=day), days)
    redis = _redis_per_second(days)
    select = _per_second(lambda day: _select(organization.pk, day), days)
    report.add(at_least("look-ups from the cache", cached, "1/s", of=GOAL_PER_SECOND, share=1))
    report.add(Figure("GET from Redis", redis, "1/s"))
    report.add(Figure("SELECT from PostgreSQL", select, "1/s"))
    report.add(
        at_least(
            "look-ups from the cache against Redis",
            cached,
            "1/s",
            of=redis,
            share=GOAL_TIMES_REDIS,
            peer=redis,
        )
    )
    notifications.stop_listening()
    delays = _delays_ms(organization, arguments.changes)
    median, worst = statistics.median(delays), max(delays)
    report.add(below("change seen in another process, median", median, "ms", GOAL_MEDIAN_MS))
    report.add(below("change seen in another process, worst", worst, "ms", GOAL_WORST_MS))
    report.end()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--changes", type=int, default=200, help="how many changes are timed")
    return parser.parse_args()


def _prepare() -> Organization:
    """Fill the empty database with rates of some months and fill the cache."""
    actor = User.objects.create_superuser("system", password=None)
    organization = Organization.create_versioned(actor=actor, code="bench", name="Bench")
    days = [DAY - timedelta(days=number) for number in range(DAYS * 2)]
    rates = [
        NewRate(RateType.SPOT, "EUR", currency, Decimal("7.4326"), day)
        for day in days
        for currency in ("CNY", "USD", "JPY", "HKD")
    ]
    publish_rates(rates, source="bench", actor=actor)
    _wait_for(organization)
    return organization


def _wait_for(organization: Organization) -> None:
    """Ask until the process listens and answers come from the cache."""
    while cache_state().count == 0 or not notifications.is_hearing():
        find_rate(organization, "EUR", "CNY", on=DAY)
        time.sleep(0.01)


def _per_second(ask: Callable[[date], object], days: list[date], seconds: int = 3) -> float:
    """Return how often something is asked in a second; the better of two runs."""
    return max(_rate_of(ask, days, seconds) for _ in range(2))


def _rate_of(ask: Callable[[date], object], days: list[date], seconds: int) -> float:
    for day in days:
        ask(day)
    started, count = time.perf_counter(), 0
    while (passed := time.perf_counter() - started) < seconds:
        for day in days:
            ask(day)
        count += len(days)
    return count / passed


def _redis_per_second(days: list[date]) -> float:
    redis = Redis.from_url(settings.REDIS_URL)
    prefix = f"{settings.REDIS_PREFIX}:bench:rate"
    for day in days:
        redis.set(f"{prefix}:{day}", "7.4326", ex=60)
    rate = _per_second(lambda day: redis.get(f"{prefix}:{day}"), days)
    redis.close()
    return rate


def _select(organization_id: int, day: date) -> object:
    with connection.cursor() as cursor:
        cursor.execute(
            SELECT, ["EUR", "CNY", "spot", day - timedelta(days=10), day, organization_id]
        )
        return cursor.fetchone()


def _delays_ms(organization: Organization, changes: int) -> list[float]:
    """Commit changes here and let another process tell when it sees each.

    A delay begins before the COMMIT, so the time of the commit is in it.
    """
    connections.close_all()
    ours, theirs = _FORK.Pipe()
    process = _FORK.Process(target=_watch, args=(organization, changes, theirs))
    process.start()
    ours.recv()
    delays = []
    for number in range(changes):
        with transaction.atomic():
            _change(number)
            begun = time.perf_counter()
        seen_at = ours.recv()
        delays.append((seen_at - begun) * 1000)
        time.sleep(_NEXT_MS / 1000)
    process.join()
    return delays


def _change(number: int) -> None:
    ExchangeRate.objects.create(
        rate_type=RateType.SPOT,
        from_currency="EUR",
        to_currency="CNY",
        rate=Decimal(8) + Decimal(number) / 1000,
        valid_from=DAY,
        source="bench",
        revision=2 + number,
        state=RateState.CONFIRMED,
    )


def _watch(organization: Organization, changes: int, parent: Connection) -> None:
    """Look the rate up without a pause; send the moment at which each change shows."""
    _wait_for(organization)
    last = find_rate(organization, "EUR", "CNY", on=DAY).rate
    parent.send("ready")
    for _ in range(changes):
        while (now := find_rate(organization, "EUR", "CNY", on=DAY).rate) == last:
            time.sleep(0.0005)
        last = now
        parent.send(time.perf_counter())
    notifications.stop_listening()
    connections.close_all()


if __name__ == "__main__":
    main()
