"""Giving events their place: positions without a gap, and the signature of those without.

One transaction for each batch, which does not wait for the disk: a crash of the database that
takes the positions takes all deliveries by them, which come later in its log. The row of the
partition is held meanwhile: another relay passes by, and one that was thought dead and is not
can write nothing any more. A transaction that commits late is no trouble: its events get later
positions, whatever their numbers.
"""

from __future__ import annotations

import hmac
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from apps.events.domain.envelopes import Envelope, checksum_of, signature_of

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
  FROM unnest(%s::uuid[], %s::bigint[], %s::text[], %s::bytea[])
    AS p (event_id, position, key_id, signature)
  WHERE o.event_id = p.event_id
)
UPDATE events_eventpartition SET last_position = %s WHERE number = %s
"""


def sequence_partition(partition: int) -> int:
    """Place the next events of a partition; return how many, 0 while another relay is at it."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_HOLD, [partition])
        held = cursor.fetchone()
        if held is None:
            return 0
        cursor.execute(_WAITING, [partition, BATCH])
        rows = cursor.fetchall()
        if rows:
            last = held[0] + len(rows)
            signed = [_signed(row) for row in rows]
            ids, key_ids, signatures = map(list, zip(*signed, strict=True))
            positions = list(range(held[0] + 1, last + 1))
            cursor.execute(_PLACE, [ids, positions, key_ids, signatures, last, partition])
    return len(rows)


def _signed(row: tuple[Any, ...]) -> tuple[Any, str, bytes | None]:
    """Return event, key and signature; a body that is not what was written stays unsigned."""
    event_id, topic, key, organization_id, occurred_at, checksum, body, key_id, signature = row
    envelope = Envelope(event_id, topic, key, organization_id, occurred_at, bytes(checksum))
    if signature is not None or not hmac.compare_digest(checksum_of(body), envelope.checksum):
        return envelope.event_id, key_id, signature
    key_id, secret = next(iter(settings.EVENT_KEYS.items()))
    return envelope.event_id, key_id, signature_of(envelope, secret)
