"""Letting go events that are older than the days for which they are kept.

    old, had by every consumer, in no trouble → trace (`EventPurge`) and gone, in one commit

The database does it and guards it (migrations/sql/purge.sql). That a consumer had an event is
remembered once more as long: an event can come again only while it is there, and a backup of
the outbox that somebody puts back finds who had it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import connection
from django.utils import timezone

from apps.events.models import ConsumerCursor
from apps.events.words import PARTITIONS

# What the guard of the outbox keeps in any case.
LEAST_DAYS = 7
BATCH = 2_000
_LONGEST_RUN = timedelta(minutes=10)
_INBOX_FACTOR = 2

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Purged:
    """How many events went, and how many notes of deliveries."""

    events: int = 0
    deliveries: int = 0


def hold_purge() -> None:
    """Keep events from being purged until the running transaction is over."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT events_hold_purge()")


def kept_days() -> int:
    """Return for how many days events are kept."""
    return max(settings.EVENT_KEEP_DAYS, LEAST_DAYS)


def purge_events(*, batch: int = BATCH, longest: timedelta = _LONGEST_RUN) -> Purged:
    """Let old events go, batch by batch, each in a transaction of its own.

    What is left when `longest` is over goes the next time.
    """
    now, until, done = timezone.now(), time.monotonic() + longest.total_seconds(), Purged()
    kept_from = now - timedelta(days=kept_days())
    for partition in range(PARTITIONS):
        for gone in _purge_partition(partition, kept_from, batch):
            done.events += gone
            if time.monotonic() > until:
                return done
    inbox_from = now - timedelta(days=kept_days() * _INBOX_FACTOR)
    for name in ConsumerCursor.objects.order_by().values_list("consumer", flat=True).distinct():
        done.deliveries += _forget_deliveries(name, inbox_from, batch)
    log.info("events purged", events=done.events, deliveries=done.deliveries)
    return done


def _purge_partition(partition: int, kept_from: datetime, batch: int) -> Iterator[int]:
    """Yield how many went of each batch, until a batch holds one that is young."""
    seen, is_last = 0, False
    while not is_last:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT seen, gone, is_last FROM events_purge(%s, %s, %s, %s)",
                [partition, seen, kept_from, batch],
            )
            seen, gone, is_last = cursor.fetchone()
        yield gone


def _forget_deliveries(consumer: str, before: datetime, batch: int) -> int:
    total, forgotten = 0, batch
    while forgotten == batch:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT events_forget_deliveries(%s, %s, %s)", [consumer, before, batch]
            )
            (forgotten,) = cursor.fetchone()
        total += forgotten
    return total
