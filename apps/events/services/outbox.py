"""Writing events, in the transaction of the change that they tell of.

What an event tells about names its key. Events of one key are relayed in the order in which
they were written, if the writers of a key exclude each other until their commit: whoever
changes the row that the key stands for does. Events of different keys have no order.

Posting writes its events by SQL (apps/ledgers/migrations/sql/), in the statement that posts.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from apps.core.identity import uuid7
from apps.core.trace import current_trace_id
from apps.events.domain.envelopes import Envelope, canonical_body, checksum_of, signature_of
from apps.events.services.ringing import ring
from apps.events.words import Topic

_WRITE = """
INSERT INTO events_outboxevent (event_id, topic, key, partition, organization_id, body,
  checksum, trace_id, occurred_at, key_id, signature)
SELECT e.event_id, e.topic, e.key, events_partition_of(e.key), e.organization_id, e.body,
  e.checksum, %s, e.occurred_at, %s, e.signature
FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::bigint[], %s::text[], %s::bytea[],
  %s::timestamptz[], %s::bytea[]) WITH ORDINALITY AS e (event_id, topic, key,
  organization_id, body, checksum, occurred_at, signature, place)
ORDER BY e.place
"""


@dataclass(frozen=True, slots=True)
class NewEvent:
    """What is told: `body` holds texts, whole numbers, true, false, null, lists, objects.

    Amounts in it are whole numbers of minor units, with their currency beside them.
    """

    topic: Topic
    key: str
    organization_id: int | None
    body: Mapping[str, Any]
    occurred_at: datetime = field(default_factory=timezone.now)


def emit(event: NewEvent) -> uuid.UUID:
    """Write one event in the running transaction; return its id.

    Raises:
        TransactionManagementError: no transaction is running.
        TypeError: the body holds a fraction, or something else that has no exact form.
    """
    return emit_many([event])[0]


def emit_many(events: Sequence[NewEvent]) -> list[uuid.UUID]:
    """Write events in the running transaction, in this order, by one statement.

    Raises:
        TransactionManagementError, TypeError: see `emit`.
    """
    if not connection.in_atomic_block:
        message = "an event is written in the transaction of its change"
        raise transaction.TransactionManagementError(message)
    if not events:
        return []
    key_id, secret = next(iter(settings.EVENT_KEYS.items()))
    rows = [_row(event, secret) for event in events]
    columns = [list(column) for column in zip(*rows, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, [current_trace_id(), key_id, *columns])
    transaction.on_commit(ring)
    return columns[0]


def _row(event: NewEvent, secret: bytes) -> tuple[Any, ...]:
    body = canonical_body(event.body)
    envelope = Envelope(
        uuid7(),
        event.topic.value,
        event.key,
        event.organization_id,
        event.occurred_at,
        checksum_of(body),
    )
    return (
        envelope.event_id,
        envelope.topic,
        envelope.key,
        envelope.organization_id,
        body,
        envelope.checksum,
        envelope.occurred_at,
        signature_of(envelope, secret),
    )
