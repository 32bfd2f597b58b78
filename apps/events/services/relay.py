"""The relay: takes events from the outbox to their consumers, partition by partition.

    outbox --sequence--> positions --deliver--> effects

Celery carries one task for a burst, not one for each event: the task goes round its
partitions until nothing comes any more, and stays a moment for what may still come. Any
number of relays may run: each partition, and each consumer in it, has one owner at a time.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from apps.core.notifications import NANOSECONDS
from apps.events.services.consumers import CONSUMERS
from apps.events.services.delivering import deliver_next
from apps.events.services.retrying import retry_due
from apps.events.services.ringing import LINGER, ring_again
from apps.events.services.sequencing import sequence_partition
from apps.events.words import PARTITIONS

ALL = range(PARTITIONS)
_LONGEST_RUN = timedelta(seconds=10)
_PAUSE_SECONDS = 0.01
_WAITING = """
SELECT n FROM unnest(%s::smallint[]) AS n WHERE EXISTS (
  SELECT 1 FROM events_outboxevent WHERE partition = n AND position IS NULL)
"""
_BEHIND = """
SELECT c.consumer, c.partition FROM events_consumercursor c
JOIN events_eventpartition p ON p.number = c.partition
WHERE c.partition = ANY (%s) AND c.position < p.last_position
ORDER BY c.moved_at NULLS FIRST
"""
_PREPARE = """
WITH partitions AS (
  INSERT INTO events_eventpartition (number, last_position)
  SELECT n, 0 FROM unnest(%s::smallint[]) AS n ON CONFLICT DO NOTHING
)
INSERT INTO events_consumercursor (consumer, partition, position, tries)
SELECT c, n, 0, 0 FROM unnest(%s::text[]) AS c, unnest(%s::smallint[]) AS n
ON CONFLICT DO NOTHING
"""


@dataclass(slots=True)
class Relay:
    """One relay over some partitions."""

    partitions: Sequence[int] = ALL
    _retried_at: int = field(default=-NANOSECONDS, init=False)

    def prepare(self) -> None:
        """Make the rows that new partitions and consumers need."""
        numbers = list(self.partitions)
        with connection.cursor() as cursor:
            cursor.execute(_PREPARE, [numbers, list(CONSUMERS), numbers])

    def go_round(self) -> int:
        """Take one batch of everything a step further; return how many steps were made.

        A partition's new events go to their consumers before the next partition has its turn:
        none waits for the whole round twice.
        """
        numbers = list(self.partitions)
        moved = 0
        for (partition,) in _rows(_WAITING, numbers):
            topics = sequence_partition(partition)
            ready = [c for c in CONSUMERS.values() if c.wants_any_of(topics)]
            moved += len(topics) + sum(deliver_next(c, partition) for c in ready)
        for name, partition in _rows(_BEHIND, numbers):
            if name in CONSUMERS:
                moved += deliver_next(CONSUMERS[name], partition)
        now = time.monotonic_ns()
        if now - self._retried_at >= NANOSECONDS:
            self._retried_at = now
            moved += retry_due(numbers)
        return moved

    def drain(self) -> int:
        """Go round until nothing moves any more; return how many steps were made."""
        self.prepare()
        total = 0
        while moved := self.go_round():
            total += moved
        return total

    def run(self, *, longest: timedelta = _LONGEST_RUN, linger: timedelta = LINGER) -> bool:
        """Relay until nothing came for a while; say whether there is more to do."""
        self.prepare()
        started = busy_at = time.monotonic()
        while (now := time.monotonic()) - started < longest.total_seconds():
            if self.go_round():
                busy_at = now
            elif now - busy_at > linger.total_seconds():
                return False
            else:
                time.sleep(_PAUSE_SECONDS)
        return True


def relay(share: int) -> None:
    """Relay one share of the partitions, of as many as there are relays."""
    if Relay(ALL[share :: settings.EVENT_RELAYS]).run():
        ring_again(share)


def _rows(sql: str, partitions: list[int]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [partitions])
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found
