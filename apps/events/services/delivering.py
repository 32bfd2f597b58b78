"""Delivering the events of a partition to a consumer, batch by batch.

    begin (counted, before anything can die) → hold the cursor → read → verify
      → inbox + effect (halved until the culprit is alone, when it fails) → cursor → commit

The effect, the note in the inbox and the cursor come with one commit. A process that dies
before it leaves nothing; one that dies after it has done everything. No commit here waits for
the disk: what a crash of the database takes, it takes as a whole, with all that was built on
it, and the events, which did wait, are delivered again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.db import connection, transaction

from apps.events.models import TroubledDelivery
from apps.events.services.arriving import Arrival, read_events
from apps.events.services.consumers import Consumer, Event
from apps.events.services.tally import SET, Tally
from apps.events.services.troubles import Trouble, blocked_keys, in_words, keep_troubles

BATCH = 500
# Deliveries that came to no end: then events are given alone, and in the end given up.
_CAREFUL_TRIES, _MOST_TRIES = 3, 10

_BEGIN = "SELECT tries, last_position FROM events_begin_delivery(%s, %s)"
_HOLD = """
SELECT position, set_config('synchronous_commit', 'off', true)
FROM events_consumercursor WHERE consumer = %s AND partition = %s FOR UPDATE SKIP LOCKED
"""
_MOVE = f"""
UPDATE events_consumercursor
SET position = %(position)s, tries = 0, moved_at = clock_timestamp(), {SET}
WHERE consumer = %(consumer)s AND partition = %(partition)s
"""  # noqa: S608  (the text of another module)
_NOTE = """
INSERT INTO events_inboxevent (consumer, event_id, delivered_at)
SELECT %s, e, clock_timestamp() FROM unnest(%s::uuid[]) AS e
ON CONFLICT DO NOTHING RETURNING event_id
"""
State = TroubledDelivery.State


def deliver_next(consumer: Consumer, partition: int) -> int:
    """Deliver the next batch of a partition; return how many positions the cursor passed."""
    with connection.cursor() as cursor:
        cursor.execute(_BEGIN, [consumer.name, partition])
        tries, last = cursor.fetchone()
    if tries is None:
        return 0
    with transaction.atomic():
        held = hold_cursor(consumer, partition)
        if held is None or held >= last:
            return 0
        limit = 1 if tries > _CAREFUL_TRIES else BATCH
        arrivals = read_events(
            partition, after=held, until=last, topics=consumer.topics, limit=limit
        )
        delivery = _Delivery(consumer, partition)
        if arrivals and tries > _MOST_TRIES:
            delivery.give_up(arrivals[0].event)
        elif arrivals:
            delivery.run(arrivals)
        reached: int = arrivals[-1].event.position if len(arrivals) == limit else last
        delivery.move(reached)
    return reached - held


def hold_cursor(consumer: Consumer, partition: int) -> int | None:
    """Return where a consumer stands and keep everybody else off; None when somebody has it."""
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, [consumer.name, partition])
        row = cursor.fetchone()
    return row[0] if row else None


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
    partition: int
    blocked: set[str] = field(default_factory=set)
    troubles: list[Trouble] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)

    def run(self, arrivals: Sequence[Arrival]) -> None:
        """Give what may be given, in its order; put the rest aside."""
        self.blocked = blocked_keys(self.consumer.name, self.partition)
        for is_good, group in groupby(arrivals, key=lambda arrival: arrival.flaw is None):
            if is_good:
                self._give([arrival.event for arrival in group])
            else:
                self._quarantine(list(group))
        keep_troubles(self.consumer.name, self.partition, self.troubles)

    def give_up(self, event: Event) -> None:
        """Put the event aside over which the process died each time."""
        error = "every process that was given this event ended before it was done"
        self._put_aside(Trouble(event, State.DEAD, error=error, attempts=_MOST_TRIES))
        keep_troubles(self.consumer.name, self.partition, self.troubles)

    def move(self, position: int) -> None:
        """Move the cursor to a position, and count what came of the events before it."""
        states = [trouble.state for trouble in self.troubles]
        self.tally.dead += states.count(State.DEAD)
        self.tally.quarantined += states.count(State.QUARANTINED)
        where: dict[str, Any] = {"consumer": self.consumer.name, "partition": self.partition}
        with connection.cursor() as cursor:
            cursor.execute(_MOVE, {"position": position, **where, **self.tally.parameters()})

    def _give(self, events: Sequence[Event]) -> None:
        """Give events; halve them until the culprit is alone when the consumer raises."""
        ready = []
        for event in events:
            if event.key in self.blocked:
                self._put_aside(Trouble(event, State.WAITING))
            else:
                ready.append(event)
        failure = attempt(self.consumer, ready) if ready else None
        if failure is None:
            self.tally.add(ready)
            return
        if len(ready) == 1:
            error = in_words(failure)
            self._put_aside(Trouble(ready[0], State.RETRYING, error=error, attempts=1))
            return
        middle = len(ready) // 2
        self._give(ready[:middle])
        self._give(ready[middle:])

    def _quarantine(self, arrivals: Sequence[Arrival]) -> None:
        for arrival in arrivals:
            flaw = arrival.flaw.value if arrival.flaw else ""
            self._put_aside(Trouble(arrival.event, State.QUARANTINED, flaw=flaw))

    def _put_aside(self, trouble: Trouble) -> None:
        self.blocked.add(trouble.event.key)
        self.troubles.append(trouble)
