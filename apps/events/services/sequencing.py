"""Giving events their place: positions without a gap, and the signature of those without.

One transaction for each batch, which does not wait for the disk: a crash of the database that
takes the positions takes all deliveries by them, which come later in its log. The row of the
partition is held meanwhile: another relay passes by, and one that was thought dead and is not
can write nothing any more. A transaction that commits late is no trouble: its events get later
positions, whatever their numbers.

A consumer that had all events before, and wants none of these, moves on with them: there is
nothing to deliver to it.
"""

from __future__ import annotations

import hmac
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from apps.events.domain.envelopes import Envelope, checksum_of, signature_of
from apps.events.services.consumers import CONSUMERS

BATCH = 1_000
_HOLD = """
SELECT last_position, set_config('synchronous_commit', 'off', true)
FROM events_eventpartition WHERE number = %s FOR UPDATE SKIP LOCKED
"""
_WAITING = """
SELECT event_id, topic, key, organization_id, occurred_at, checksum, body, key_id, signature
FROM events_outboxevent WHERE partition = %s AND position IS NULL ORDER BY number LIMIT %s
"""
_PLACE = """
WITH placed AS (
  UPDATE events_outboxevent o SET position = p.position, key_id = p.key_id,
    signature = p.signature, relayed_at = clock_timestamp()
  FROM unnest(%(ids)s::uuid[], %(positions)s::bigint[], %(key_ids)s::text[],
      %(signatures)s::bytea[])
    AS p (event_id, position, key_id, signature)
  WHERE o.event_id = p.event_id
), passed_over AS (
  UPDATE events_consumercursor SET position = %(last)s, moved_at = clock_timestamp()
  WHERE id IN (SELECT id FROM events_consumercursor
    WHERE partition = %(partition)s AND position = %(before)s AND consumer = ANY(%(others)s)
    FOR UPDATE SKIP LOCKED)
)
UPDATE events_eventpartition SET last_position = %(last)s WHERE number = %(partition)s
"""


def sequence_partition(partition: int) -> list[str]:
    """Place the next events of a partition.

    Returns the topic of each; none while another relay is at it.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_HOLD, [partition])
        held = cursor.fetchone()
        if held is None:
            return []
        cursor.execute(_WAITING, [partition, BATCH])
        rows = cursor.fetchall()
        topics = [row[1] for row in rows]
        if rows:
            before, last = held[0], held[0] + len(rows)
            signed = [_signed(row) for row in rows]
            ids, key_ids, signatures = map(list, zip(*signed, strict=True))
            placed = {
                "ids": ids,
                "positions": list(range(before + 1, last + 1)),
                "key_ids": key_ids,
                "signatures": signatures,
                "before": before,
                "last": last,
                "partition": partition,
                "others": [c.name for c in CONSUMERS.values() if not c.wants_any_of(topics)],
            }
            cursor.execute(_PLACE, placed)
    return topics


def _signed(row: tuple[Any, ...]) -> tuple[Any, str, bytes | None]:
    """Return event, key and signature; a body that is not what was written stays unsigned."""
    event_id, topic, key, organization_id, occurred_at, checksum, body, key_id, signature = row
    envelope = Envelope(event_id, topic, key, organization_id, occurred_at, bytes(checksum))
    if signature is not None or not hmac.compare_digest(checksum_of(body), envelope.checksum):
        return envelope.event_id, key_id, signature
    key_id, secret = next(iter(settings.EVENT_KEYS.items()))
    return envelope.event_id, key_id, signature_of(envelope, secret)
