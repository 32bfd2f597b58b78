"""Giving events their place: positions without a gap, and the signature of those without.

One transaction for each batch, which does not wait for the disk: a crash of the database that
takes the positions takes all deliveries by them, which come later in its log. The rows of its
partitions are held meanwhile: another relay passes by, and one that was thought dead and is not
can write nothing any more. A transaction that commits late is no trouble: its events get later
positions, whatever their numbers.

A consumer that had all events before, and wants none of these, moves on with them: there is
nothing to deliver to it.
"""

from __future__ import annotations

import hmac
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from apps.events.domain.envelopes import Envelope, checksum_of, signature_of
from apps.events.services.consumers import CONSUMERS

BATCH = 1_000
_HOLD = """
SELECT number, last_position, set_config('synchronous_commit', 'off', true)
FROM events_eventpartition WHERE number = ANY (%s) ORDER BY number FOR UPDATE SKIP LOCKED
"""
_WAITING = """
SELECT p.number, e.* FROM unnest(%s::smallint[]) AS p (number), LATERAL (
  SELECT event_id, topic, key, organization_id, occurred_at, checksum, body, key_id, signature,
    number AS written
  FROM events_outboxevent WHERE partition = p.number AND position IS NULL
  ORDER BY number LIMIT %s
) e ORDER BY p.number, e.written
"""
_PLACE = """
WITH placed AS (
  UPDATE events_outboxevent o SET position = p.position, key_id = p.key_id,
    signature = decode(p.signature, 'hex'), relayed_at = clock_timestamp()
  FROM jsonb_to_recordset(%(placed)s::jsonb)
    AS p (event_id uuid, position bigint, key_id text, signature text)
  WHERE o.event_id = p.event_id
), moved AS (
  SELECT * FROM unnest(%(numbers)s::smallint[], %(before)s::bigint[], %(last)s::bigint[])
    AS m (number, before, last)
), passing AS (
  SELECT c.id, m.last FROM events_consumercursor c
  JOIN unnest(%(others)s::text[], %(passed)s::smallint[]) AS o (consumer, number)
    ON o.consumer = c.consumer AND o.number = c.partition
  JOIN moved m ON m.number = c.partition AND m.before = c.position
  FOR UPDATE OF c SKIP LOCKED
), passed_over AS (
  UPDATE events_consumercursor c SET position = p.last, moved_at = clock_timestamp()
  FROM passing p WHERE c.id = p.id
)
UPDATE events_eventpartition e SET last_position = m.last FROM moved m WHERE e.number = m.number
"""
# Topics of new events, by partition.
Topics = dict[int, list[str]]


def sequence_partitions(partitions: Sequence[int]) -> Topics:
    """Place the next events of some partitions, up to a batch of them all.

    Returns the topic of each by partition; nothing of those that another relay has.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_HOLD, [list(partitions)])
        before = {number: position for number, position, _quiet in cursor.fetchall()}
        rows_of: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
        if before:
            cursor.execute(_WAITING, [list(before), BATCH // len(before)])
            for number, *row, _written in cursor.fetchall():
                rows_of[number].append(tuple(row))
        topics = {number: [row[1] for row in rows] for number, rows in rows_of.items()}
        if topics:
            cursor.execute(_PLACE, _places(rows_of, before) | _passed_over(topics))
    return topics


def _places(
    rows_of: Mapping[int, Sequence[tuple[Any, ...]]], before: Mapping[int, int]
) -> dict[str, Any]:
    """Return where new events of each partition go, and where its last one is then."""
    placed = [
        {"position": position, **_signed(row)}
        for number, rows in rows_of.items()
        for position, row in enumerate(rows, before[number] + 1)
    ]
    return {
        # One text of all: arrays would be quoted by Python, element by element.
        "placed": json.dumps(placed),
        "numbers": list(rows_of),
        "before": [before[number] for number in rows_of],
        "last": [before[number] + len(rows) for number, rows in rows_of.items()],
    }


def _passed_over(topics: Topics) -> dict[str, list[Any]]:
    """Return which consumers want none of the new events of which partition."""
    pairs = [
        (consumer.name, number)
        for number, told in topics.items()
        for consumer in CONSUMERS.values()
        if not consumer.wants_any_of(told)
    ]
    return {"others": [name for name, _ in pairs], "passed": [number for _, number in pairs]}


def _signed(row: tuple[Any, ...]) -> dict[str, str | None]:
    """Return event, key and signature; a body that is not what was written stays unsigned."""
    event_id, topic, key, organization_id, occurred_at, checksum, body, key_id, signature = row
    envelope = Envelope(event_id, topic, key, organization_id, occurred_at, bytes(checksum))
    if signature is None and hmac.compare_digest(checksum_of(body), envelope.checksum):
        key_id, secret = next(iter(settings.EVENT_KEYS.items()))
        signature = signature_of(envelope, secret)
    signed = None if signature is None else bytes(signature).hex()
    return {"event_id": str(event_id), "key_id": key_id, "signature": signed}
