"""The relay: takes events from the outbox to their consumers, in the order of each partition.

    outbox --sequence--> positions --deliver--> effects

Celery carries one task for a burst, not one for each event: the task goes round its
partitions until nothing comes any more, and stays a moment for what may still come. Any
number of relays may run: each partition, and each consumer in it, has one owner at a time.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from apps.core.notifications import NANOSECONDS
from apps.events.services.consumers import CONSUMERS
from apps.events.services.delivering import CAREFUL_TRIES, deliver_alone, deliver_next
from apps.events.services.retrying import retry_due
from apps.events.services.ringing import LINGER, ring_again
from apps.events.services.sequencing import sequence_partitions
from apps.events.words import PARTITIONS

ALL = range(PARTITIONS)
_LONGEST_RUN = timedelta(seconds=10)
_PAUSE_SECONDS = 0.01
_WAITING = """
SELECT n FROM unnest(%s::smallint[]) AS n WHERE EXISTS (
  SELECT 1 FROM events_outboxevent WHERE partition = n AND position IS NULL)
"""
_BEHIND = """
SELECT c.consumer, c.partition, c.tries FROM events_consumercursor c
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

        New events go to their consumers at once. Whoever is behind then has its turn.
        """
        numbers = list(self.partitions)
        moved = self._pass_on([partition for (partition,) in _rows(_WAITING, numbers)])
        moved += self._catch_up(_rows(_BEHIND, numbers))
        now = time.monotonic_ns()
        if now - self._retried_at >= NANOSECONDS:
            self._retried_at = now
            moved += retry_due(numbers)
        return moved

    def _pass_on(self, waiting: list[int]) -> int:
        """Give new events of some partitions their places, and deliver them."""
        topics = sequence_partitions(waiting) if waiting else {}
        moved = sum(len(told) for told in topics.values())
        for consumer in CONSUMERS.values():
            wanted = [number for number, told in topics.items() if consumer.wants_any_of(told)]
            moved += deliver_next(consumer, wanted) if wanted else 0
        return moved

    def _catch_up(self, behind: list[tuple[Any, ...]]) -> int:
        """Deliver to who is behind: together, but alone what processes may have died over."""
        moved, together = 0, defaultdict(list)
        for name, partition, tries in behind:
            if name in CONSUMERS and tries < CAREFUL_TRIES:
                together[name].append(partition)
            elif name in CONSUMERS:
                moved += deliver_alone(CONSUMERS[name], partition)
        for name, partitions in together.items():
            moved += deliver_next(CONSUMERS[name], partitions)
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
