"""Figures of events for Prometheus, the same from every process: PostgreSQL counts them.

    fmis_events_unrelayed{partition,topic}                  written and not relayed yet
    fmis_events_unrelayed_oldest_seconds{partition,topic}   since when the oldest of them waits
    fmis_events_undelivered{consumer,partition}             relayed and not passed yet
    fmis_events_undelivered_oldest_seconds{consumer}        since when the oldest of them waits
    fmis_event_troubles{consumer,state}                     what stands aside now
    fmis_event_deliveries_total{consumer}                   what was delivered
    fmis_event_retries_total{consumer}                      what was tried again
    fmis_event_dead_total{consumer}                         what was given up, each time anew
    fmis_event_quarantined_total{consumer}                  what was not what was written
    fmis_event_delay_seconds{consumer}                      from what an event tells of on
    fmis_events_purged_total{topic}                         let go because of their age

Every label has a fixed set of values; organizations and keys are none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from django.db import connection
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)

from apps.events.services.tally import BOUNDS_MS

if TYPE_CHECKING:
    from prometheus_client.core import Metric

_SECOND_MS = 1_000
_UNRELAYED = """
SELECT partition, topic, count(*),
  greatest(extract(epoch FROM clock_timestamp() - min(occurred_at)), 0)
FROM events_outboxevent WHERE position IS NULL GROUP BY partition, topic
"""
_UNDELIVERED = """
SELECT c.consumer, c.partition, p.last_position - c.position,
  CASE WHEN p.last_position > c.position THEN (
    SELECT greatest(extract(epoch FROM clock_timestamp() - o.occurred_at), 0)
    FROM events_outboxevent o WHERE o.partition = c.partition AND o.position > c.position
    ORDER BY o.position LIMIT 1) END
FROM events_consumercursor c JOIN events_eventpartition p ON p.number = c.partition
"""
_TROUBLES = """
SELECT consumer, state, count(*) FROM events_troubleddelivery
WHERE state IN ('retrying', 'waiting', 'dead', 'quarantined') GROUP BY consumer, state
"""
_COUNTED = """
SELECT consumer, sum(delivered)::bigint, sum(retried)::bigint, sum(dead)::bigint,
  sum(quarantined)::bigint, sum(delay_ms)::bigint, (
    SELECT array_agg(s.n ORDER BY s.place) FROM (
      SELECT d.place, sum(d.n)::bigint AS n FROM events_consumercursor x,
        unnest(x.delays) WITH ORDINALITY AS d (n, place)
      WHERE x.consumer = c.consumer GROUP BY d.place) s)
FROM events_consumercursor c GROUP BY consumer
"""
_PURGED = """
SELECT t.key, sum(t.value::bigint)::bigint
FROM events_eventpurge p, jsonb_each_text(p.by_topic) t GROUP BY t.key
"""
_COUNTERS = (
    ("fmis_event_deliveries", "Events that were delivered."),
    ("fmis_event_retries", "Deliveries that were tried again."),
    ("fmis_event_dead", "Deliveries that became dead letters."),
    ("fmis_event_quarantined", "Deliveries that went into quarantine."),
)


def event_metrics() -> Iterator[Metric]:
    """Yield all of them as they stand now."""
    yield from _waiting()
    troubles = GaugeMetricFamily(
        "fmis_event_troubles", "Deliveries that stand aside.", labels=["consumer", "state"]
    )
    for consumer, state, number in _rows(_TROUBLES):
        troubles.add_metric([consumer, state], number)
    yield troubles
    yield from _counted(_rows(_COUNTED))
    purged = CounterMetricFamily(
        "fmis_events_purged", "Events let go because of their age.", labels=["topic"]
    )
    for topic, number in _rows(_PURGED):
        purged.add_metric([topic], number)
    yield purged


def _waiting() -> Iterator[Metric]:
    depth, age = (
        GaugeMetricFamily(name, text, labels=["partition", "topic"])
        for name, text in (
            ("fmis_events_unrelayed", "Events that wait for the relay."),
            ("fmis_events_unrelayed_oldest_seconds", "How long the oldest of them waits."),
        )
    )
    for partition, topic, number, seconds in _rows(_UNRELAYED):
        depth.add_metric([str(partition), topic], number)
        age.add_metric([str(partition), topic], seconds)
    yield from (depth, age)
    behind = GaugeMetricFamily(
        "fmis_events_undelivered",
        "Relayed events that a consumer has not passed.",
        labels=["consumer", "partition"],
    )
    oldest: dict[str, Any] = {}
    for consumer, partition, number, seconds in _rows(_UNDELIVERED):
        behind.add_metric([consumer, str(partition)], number)
        oldest[consumer] = max(oldest.get(consumer, 0), seconds or 0)
    age = GaugeMetricFamily(
        "fmis_events_undelivered_oldest_seconds",
        "How long the oldest of them waits.",
        labels=["consumer"],
    )
    for consumer, seconds in oldest.items():
        age.add_metric([consumer], seconds)
    yield from (behind, age)


def _counted(rows: Sequence[Any]) -> Iterator[Metric]:
    families = [
        CounterMetricFamily(name, text, labels=["consumer"]) for name, text in _COUNTERS
    ]
    delays = HistogramMetricFamily(
        "fmis_event_delay_seconds",
        "From the moment that an event tells of to its delivery.",
        labels=["consumer"],
    )
    bounds = [*(str(bound / _SECOND_MS) for bound in BOUNDS_MS), "+Inf"]
    for consumer, *numbers, delay_ms, counts in rows:
        for family, number in zip(families, numbers, strict=True):
            family.add_metric([consumer], number)
        buckets = list(zip(bounds, accumulate(counts), strict=True))
        delays.add_metric([consumer], buckets, delay_ms / _SECOND_MS)
    yield from (*families, delays)


def _rows(sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found
