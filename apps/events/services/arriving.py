"""Reading events for a consumer, and proving on arrival that they are what was written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connection

from apps.events.domain.envelopes import Envelope, flaw_of, parsed_body
from apps.events.services.consumers import Event
from apps.events.words import Flaw, Topic

if TYPE_CHECKING:
    import uuid

_COLUMNS = """
event_id, topic, key, organization_id, occurred_at, checksum, body, key_id, signature,
trace_id, position, partition
"""
# Of each partition the events between two positions, as many as all are asked for.
_READ = f"""
SELECT e.* FROM unnest(%s::smallint[], %s::bigint[], %s::bigint[]) AS p (number, after, until),
LATERAL (
  SELECT {_COLUMNS} FROM events_outboxevent
  WHERE partition = p.number AND position > p.after AND position <= p.until AND topic = ANY (%s)
  ORDER BY position LIMIT %s
) e ORDER BY e.partition, e.position
"""  # noqa: S608  (names of this module)
_READ_THESE = f"""
SELECT {_COLUMNS} FROM events_outboxevent WHERE event_id = ANY (%s) ORDER BY position
"""  # noqa: S608  (as above)
_READ_ONE = f"SELECT {_COLUMNS} FROM events_outboxevent WHERE event_id = %s"  # noqa: S608  (as above)


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event that came, and what is wrong with it; its body is empty then."""

    event: Event
    partition: int
    flaw: Flaw | None


def read_events(
    spans: Mapping[int, tuple[int, int]], *, topics: Iterable[Topic], limit: int
) -> list[Arrival]:
    """Return events in the order of partition and position, up to `limit` of each partition.

    `spans` has for each partition the position after which, and the one up to which.
    """
    after, until = zip(*spans.values(), strict=True)
    names = [topic.value for topic in topics]
    with connection.cursor() as cursor:
        cursor.execute(_READ, [list(spans), list(after), list(until), names, limit])
        return [_arrival(row) for row in cursor.fetchall()]


def read_these(event_ids: Sequence[uuid.UUID]) -> list[Arrival]:
    """Return events of one partition in their order."""
    with connection.cursor() as cursor:
        cursor.execute(_READ_THESE, [list(event_ids)])
        return [_arrival(row) for row in cursor.fetchall()]


def read_event(event_id: uuid.UUID) -> Arrival:
    """Return one event."""
    with connection.cursor() as cursor:
        cursor.execute(_READ_ONE, [event_id])
        return _arrival(cursor.fetchone())


def _arrival(row: Sequence[Any]) -> Arrival:
    event_id, topic, key, organization_id, occurred_at, checksum, text, key_id, signature = row[
        :9
    ]
    envelope = Envelope(event_id, topic, key, organization_id, occurred_at, bytes(checksum))
    signed = None if signature is None else bytes(signature)
    keys = settings.EVENT_KEYS
    flaw = flaw_of(envelope, text, key_id=key_id, signature=signed, keys=keys)
    body: dict[str, Any] = {}
    if not flaw:
        try:
            body = parsed_body(text)
        except ValueError:
            flaw = Flaw.BODY.value
    event = Event(
        event_id, Topic(topic), key, organization_id, occurred_at, row[9], row[10], body
    )
    return Arrival(event, row[11], Flaw(flaw) if flaw else None)
