"""Counting deliveries in the row of the cursor, with the commit that makes them.

What is counted so is exact however often a process dies, the same from every process, and
costs a delivery no statement of its own.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.utils import timezone

if TYPE_CHECKING:
    from apps.events.services.consumers import Consumer, Event

# Upper bounds of the buckets of delays in milliseconds; one more bucket takes all above.
BOUNDS_MS = (10, 25, 50, 100, 250, 500, 1_000, 5_000, 60_000)
_MILLISECOND = timedelta(milliseconds=1)
# The columns that count, and what there is to add to them: `added` of the rows of `TALLIES`.
SET = """
delivered = c.delivered + added.delivered, retried = c.retried + added.retried,
dead = c.dead + added.dead, quarantined = c.quarantined + added.quarantined,
delay_ms = c.delay_ms + added.delay_ms, delays = array(
  SELECT d.had + d.more FROM unnest(c.delays, added.delays)
    WITH ORDINALITY AS d (had, more, place) ORDER BY d.place)
"""
TALLIES = """
jsonb_to_recordset(%(tallies)s::jsonb) AS added (partition smallint, position bigint,
  delivered bigint, retried bigint, dead bigint, quarantined bigint, delay_ms bigint,
  delays bigint[])
"""
_COUNT = f"""
UPDATE events_consumercursor c SET {SET} FROM {TALLIES}
WHERE c.consumer = %(consumer)s AND c.partition = added.partition
"""  # noqa: S608  (the texts above)


@dataclass(slots=True)
class Tally:
    """What came of some deliveries; delays are from the moment that an event tells of."""

    delivered: int = 0
    retried: int = 0
    dead: int = 0
    quarantined: int = 0
    delay_ms: int = 0
    delays: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS_MS) + 1))

    def add(self, events: Iterable[Event]) -> None:
        """Count events that were delivered just now."""
        now = timezone.now()
        for event in events:
            delay = max((now - event.occurred_at) // _MILLISECOND, 0)
            self.delivered += 1
            self.delay_ms += delay
            self.delays[bisect_left(BOUNDS_MS, delay)] += 1

    def facts(self) -> dict[str, Any]:
        """Return what a row of `TALLIES` says of it."""
        return {name: getattr(self, name) for name in self.__slots__}


def count(consumer: Consumer, partition: int, tally: Tally) -> None:
    """Count what came of deliveries that do not move the cursor."""
    tallies = json.dumps([{"partition": partition, **tally.facts()}])
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"consumer": consumer.name, "tallies": tallies})
