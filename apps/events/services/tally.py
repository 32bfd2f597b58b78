"""Counting deliveries in the row of the cursor, with the commit that makes them.

What is counted so is exact however often a process dies, the same from every process, and
costs a delivery no statement of its own.
"""

from __future__ import annotations

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
SET = """
delivered = delivered + %(delivered)s, retried = retried + %(retried)s,
dead = dead + %(dead)s, quarantined = quarantined + %(quarantined)s,
delay_ms = delay_ms + %(delay_ms)s, delays = array(
  SELECT d.had + d.more FROM unnest(delays, %(delays)s::bigint[])
    WITH ORDINALITY AS d (had, more, place) ORDER BY d.place)
"""
_COUNT = f"""
UPDATE events_consumercursor SET {SET}
WHERE consumer = %(consumer)s AND partition = %(partition)s
"""  # noqa: S608  (the text above)


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

    def parameters(self) -> dict[str, Any]:
        """Return what `SET` asks for."""
        return {name: getattr(self, name) for name in self.__slots__}


def count(consumer: Consumer, partition: int, tally: Tally) -> None:
    """Count what came of deliveries that do not move the cursor."""
    with connection.cursor() as cursor:
        cursor.execute(
            _COUNT,
            {"consumer": consumer.name, "partition": partition, **tally.parameters()},
        )
