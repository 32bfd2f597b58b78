"""Delivering events to a consumer, batch by batch.

    begin (counted, before anything can die) → hold the cursors → read → verify
      → inbox + effect (halved until the culprit is alone, when it fails) → cursors → commit

A batch is of as many partitions as have something: each step costs its way to the database
once, and not once for each of them. The effect, the note in the inbox and the cursors come with
one commit. A process that dies before it leaves nothing; one that dies after it has done
everything. No commit here waits for the disk: what a crash of the database takes, it takes as a
whole, with all that was built on it, and the events, which did wait, are delivered again.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.db import connection, transaction

from apps.events.models import TroubledDelivery
from apps.events.services.arriving import Arrival, read_events
from apps.events.services.consumers import Consumer, Event
from apps.events.services.tally import SET, TALLIES, Tally
from apps.events.services.troubles import Trouble, blocked_keys, in_words, keep_troubles

BATCH = 500
# Deliveries that came to no end: then events are given alone, and in the end given up.
CAREFUL_TRIES, _MOST_TRIES = 3, 10

# Who is given events alone is not counted here, but when it has its turn.
_BEGIN = """
SELECT c.partition, begun.last_position
FROM events_consumercursor c, LATERAL events_begin_delivery(c.consumer, c.partition) AS begun
WHERE c.consumer = %s AND c.partition = ANY (%s) AND c.tries < %s AND begun.tries IS NOT NULL
"""
_BEGIN_ALONE = "SELECT tries, last_position FROM events_begin_delivery(%s, %s)"
_HOLD = """
SELECT partition, position, set_config('synchronous_commit', 'off', true)
FROM events_consumercursor WHERE consumer = %s AND partition = ANY (%s)
ORDER BY partition FOR UPDATE SKIP LOCKED
"""
_MOVE = f"""
UPDATE events_consumercursor c
SET position = added.position, tries = 0, moved_at = clock_timestamp(), {SET} FROM {TALLIES}
WHERE c.consumer = %(consumer)s AND c.partition = added.partition
"""  # noqa: S608  (the texts of another module)
_NOTE = """
INSERT INTO events_inboxevent (consumer, event_id, delivered_at)
SELECT %s, e, clock_timestamp() FROM unnest(%s::uuid[]) AS e
ON CONFLICT DO NOTHING RETURNING event_id
"""
State = TroubledDelivery.State


def deliver_next(consumer: Consumer, partitions: Sequence[int]) -> int:
    """Deliver the next batch of some partitions; return how many positions cursors passed.

    A partition over which processes died is left to `deliver_alone`.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BEGIN, [consumer.name, list(partitions), CAREFUL_TRIES])
        lasts = dict(cursor.fetchall())
    if not lasts:
        return 0
    with transaction.atomic():
        spans = _spans(consumer, lasts)
        return _deliver(consumer, spans, limit=BATCH // max(len(spans), 1))


def deliver_alone(consumer: Consumer, partition: int) -> int:
    """Deliver the next event of a partition over which processes died, or give it up."""
    with connection.cursor() as cursor:
        cursor.execute(_BEGIN_ALONE, [consumer.name, partition])
        tries, last = cursor.fetchone()
    if tries is None:
        return 0
    with transaction.atomic():
        spans = _spans(consumer, {partition: last})
        return _deliver(consumer, spans, limit=1, is_last_try=tries > _MOST_TRIES)


def hold_cursors(consumer: Consumer, partitions: Sequence[int]) -> dict[int, int]:
    """Return where a consumer stands, and keep everybody else off; not where somebody is."""
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, [consumer.name, list(partitions)])
        return {partition: position for partition, position, _quiet in cursor.fetchall()}


def _spans(consumer: Consumer, lasts: Mapping[int, int]) -> dict[int, tuple[int, int]]:
    """Hold cursors; return from where to where each has to go that has to go on."""
    held = hold_cursors(consumer, list(lasts))
    return {n: (position, lasts[n]) for n, position in held.items() if position < lasts[n]}


def _deliver(
    consumer: Consumer,
    spans: Mapping[int, tuple[int, int]],
    *,
    limit: int,
    is_last_try: bool = False,
) -> int:
    """Deliver up to `limit` events of each partition; return how many positions were passed."""
    if not spans:
        return 0
    arrivals = read_events(spans, topics=consumer.topics, limit=limit)
    delivery = _Delivery(consumer)
    if arrivals and is_last_try:
        delivery.give_up(arrivals[0])
    elif arrivals:
        delivery.run(arrivals)
    reached = _reached(spans, arrivals, limit)
    delivery.move(reached)
    return sum(reached[number] - after for number, (after, _until) in spans.items())


def _reached(
    spans: Mapping[int, tuple[int, int]], arrivals: Sequence[Arrival], limit: int
) -> dict[int, int]:
    """Return up to where each partition was read: to its end, if it had less than asked for."""
    reached = {number: until for number, (_after, until) in spans.items()}
    for number, group in groupby(arrivals, key=lambda arrival: arrival.partition):
        read = list(group)
        if len(read) == limit:
            reached[number] = read[-1].event.position
    return reached


def attempt(consumer: Consumer, events: Sequence[Event]) -> Exception | None:
    """Give events with their notes, all or none; return what the consumer raised.

    What it had before is not given to it again.
    """
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(_NOTE, [consumer.name, [event.event_id for event in events]])
                new = {row[0] for row in cursor.fetchall()}
            fresh = [event for event in events if event.event_id in new]
            if fresh:
                consumer.handle(fresh)
    except Exception as error:  # noqa: BLE001  (whatever a consumer raises is its answer)
        return error
    return None


@dataclass(slots=True)
class _Delivery:
    """One batch on its way: which keys must wait, and what went wrong."""

    consumer: Consumer
    blocked: set[str] = field(default_factory=set)
    troubles: list[Trouble] = field(default_factory=list)
    tallies: dict[int, Tally] = field(default_factory=lambda: defaultdict(Tally))

    def run(self, arrivals: Sequence[Arrival]) -> None:
        """Give what may be given, in its order; put the rest aside."""
        partitions = {arrival.partition for arrival in arrivals}
        self.blocked = blocked_keys(self.consumer.name, partitions)
        for is_good, group in groupby(arrivals, key=lambda arrival: arrival.flaw is None):
            if is_good:
                self._give(list(group))
            else:
                self._quarantine(group)
        keep_troubles(self.consumer.name, self.troubles)

    def give_up(self, arrival: Arrival) -> None:
        """Put the event aside over which the process died each time."""
        error = "every process that was given this event ended before it was done"
        self._put_aside(arrival, State.DEAD, error=error, attempts=_MOST_TRIES)
        keep_troubles(self.consumer.name, self.troubles)

    def move(self, positions: Mapping[int, int]) -> None:
        """Move cursors to their positions, and count what came of the events before them."""
        for trouble in self.troubles:
            self.tallies[trouble.partition].dead += trouble.state == State.DEAD
            self.tallies[trouble.partition].quarantined += trouble.state == State.QUARANTINED
        tallies = [
            {"partition": number, "position": position, **self.tallies[number].facts()}
            for number, position in positions.items()
        ]
        with connection.cursor() as cursor:
            cursor.execute(
                _MOVE, {"consumer": self.consumer.name, "tallies": json.dumps(tallies)}
            )

    def _give(self, arrivals: Sequence[Arrival]) -> None:
        """Give events; halve them until the culprit is alone when the consumer raises."""
        ready = []
        for arrival in arrivals:
            if arrival.event.key in self.blocked:
                self._put_aside(arrival, State.WAITING)
            else:
                ready.append(arrival)
        failure = attempt(self.consumer, [a.event for a in ready]) if ready else None
        if failure is None:
            self._count(ready)
            return
        if len(ready) == 1:
            self._put_aside(ready[0], State.RETRYING, error=in_words(failure), attempts=1)
            return
        middle = len(ready) // 2
        self._give(ready[:middle])
        self._give(ready[middle:])

    def _count(self, arrivals: Sequence[Arrival]) -> None:
        for number, group in groupby(arrivals, key=lambda arrival: arrival.partition):
            self.tallies[number].add(arrival.event for arrival in group)

    def _quarantine(self, arrivals: Iterable[Arrival]) -> None:
        for arrival in arrivals:
            flaw = arrival.flaw.value if arrival.flaw else ""
            self._put_aside(arrival, State.QUARANTINED, flaw=flaw)

    def _put_aside(self, arrival: Arrival, state: State, **facts: Any) -> None:
        self.blocked.add(arrival.event.key)
        self.troubles.append(Trouble(arrival.event, arrival.partition, state, **facts))
