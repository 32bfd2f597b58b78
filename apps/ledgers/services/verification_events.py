"""The queries of `verify_books` about events: what was posted was told, once and as it was.

Events lie below the books, so their proofs stand here. What people put aside (in quarantine,
discarded) is known to them and no finding.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.db import connection

from apps.events.domain.envelopes import Envelope, signature_of
from apps.events.services.consumers import CONSUMERS

# Since when every posting has its event in the outbox: later than the first that was told, and
# than the last that was let go.
_SINCE = """
since AS (
  SELECT greatest(
    (SELECT applied FROM django_migrations
      WHERE app = 'ledgers' AND name = '0021_tell_of_postings'),
    (SELECT max(kept_from) FROM events_eventpurge)) AS at
)
"""
_KNOWN = """
EXISTS (SELECT 1 FROM events_troubleddelivery t WHERE t.event_id = o.event_id
  AND t.state IN ('quarantined', 'discarded') AND t.flaw <> '')
"""
_EVERYWHERE = "%(ledger)s::bigint IS NULL"

EVENT_QUERIES = {
    "a posted entry told of itself": f"""
        WITH {_SINCE}
        SELECT 'entry', e.id, e.posted_at FROM since, ledgers_journalentry e
        LEFT JOIN events_outboxevent o ON o.key = 'entry:' || e.id
          AND o.topic = 'journal_entry.posted'
        WHERE e.state = 'posted' AND e.posted_at > since.at AND o.event_id IS NULL
          AND coalesce(e.ledger_id = %(ledger)s, true)""",
    "an event is what was written": f"""
        SELECT 'event', o.event_id, o.topic, o.key FROM events_outboxevent o
        WHERE {_EVERYWHERE} AND (sha256(convert_to(o.body, 'UTF8')) <> o.checksum
          OR o.partition <> events_partition_of(o.key)) AND NOT {_KNOWN}""",
    "events have their places without gap": f"""
        SELECT 'partition', p.number, 'placed', p.last_position, 'kept', coalesce(o.n, 0),
          'let go', coalesce(g.n, 0)
        FROM events_eventpartition p
        LEFT JOIN (SELECT partition, count(*) AS n, max(position) AS last
          FROM events_outboxevent WHERE position IS NOT NULL GROUP BY 1) o
          ON o.partition = p.number
        LEFT JOIN (SELECT partition, sum(count) AS n, max(last_position) AS last
          FROM events_eventpurge GROUP BY 1) g ON g.partition = p.number
        WHERE {_EVERYWHERE} AND (coalesce(o.n, 0) + coalesce(g.n, 0) <> p.last_position
          OR greatest(o.last, g.last) > p.last_position)""",
    "events of a key have the order of their writing": f"""
        SELECT 'event', w.event_id, w.key FROM (
          SELECT event_id, key, number, lag(number) OVER (
            PARTITION BY partition, key, organization_id ORDER BY position) AS before
          FROM events_outboxevent WHERE {_EVERYWHERE} AND position IS NOT NULL) w
        WHERE w.number < w.before""",
    "money is told once for each line": f"""
        SELECT 'line', w.line, 'told', w.n FROM (
          SELECT substring(o.body FROM '"line_id":([0-9]+)') AS line, count(*) AS n
          FROM events_outboxevent o
          WHERE {_EVERYWHERE} AND o.topic = 'transaction.completed' GROUP BY 1) w
        WHERE w.n > 1""",
}
# What a consumer passed it had, or it stands aside.
_MISSED = """
SELECT o.event_id, o.key FROM events_consumercursor c
JOIN events_outboxevent o ON o.partition = c.partition AND o.position <= c.position
LEFT JOIN events_inboxevent i ON i.consumer = c.consumer AND i.event_id = o.event_id
LEFT JOIN events_troubleddelivery t ON t.consumer = c.consumer AND t.event_id = o.event_id
WHERE c.consumer = %s AND o.topic = ANY (%s) AND i.event_id IS NULL AND t.id IS NULL
"""
_SIGNED = f"""
SELECT event_id, topic, key, organization_id, occurred_at, checksum, key_id, signature
FROM events_outboxevent o WHERE position IS NOT NULL AND NOT {_KNOWN}
"""
_CHUNK = 5_000


def missed_events(ledger_id: int | None) -> list[str]:
    """Return events that a consumer passed without having them; of all books or none."""
    if ledger_id is not None:
        return []
    found = []
    with connection.cursor() as cursor:
        for consumer in CONSUMERS.values():
            topics = [topic.value for topic in consumer.topics]
            cursor.execute(_MISSED, [consumer.name, topics])
            found += [f"{consumer.name} {event_id} {key}" for event_id, key in cursor]
    return found


def badly_signed_events(ledger_id: int | None) -> list[str]:
    """Return relayed events whose signature is not ours; of all books or none."""
    return [] if ledger_id is not None else list(_badly_signed())


def _badly_signed() -> Iterator[str]:
    keys = settings.EVENT_KEYS
    with connection.cursor() as cursor:
        cursor.execute(_SIGNED)
        while rows := cursor.fetchmany(_CHUNK):
            for event_id, topic, key, organization_id, at, checksum, key_id, signature in rows:
                envelope = Envelope(event_id, topic, key, organization_id, at, bytes(checksum))
                secret = keys.get(key_id)
                if secret is None or signature_of(envelope, secret) != bytes(signature or b""):
                    yield f"event {event_id} {key}"
