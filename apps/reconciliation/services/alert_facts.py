"""What is measured of all channels, with a fixed number of statements whatever their number.

Metrics and alerts read the same facts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Count, Max, Min, Q, Sum

from apps.reconciliation.domain.watching import RunFigures
from apps.reconciliation.models import Break, LiveItem, RunSchedule
from apps.reconciliation.services.live import CONSUMER
from apps.reconciliation.words import BreakState
from apps.statements.models import SourceKind, StatementFile
from apps.statements.services.overlap import gap_counts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apps.statements.models import Channel

# Of each partition the oldest so many are looked at.
_OLDEST = 1_000
_RUNS = 8
# Relayed and not passed yet, not relayed yet, or standing aside.
_UNDELIVERED = """
WITH waiting AS (
  SELECT o.organization_id, o.occurred_at, o.body FROM events_consumercursor c
  CROSS JOIN LATERAL (SELECT * FROM events_outboxevent e WHERE e.partition = c.partition
    AND e.position > c.position ORDER BY e.position LIMIT %(oldest)s) o
  WHERE c.consumer = %(consumer)s AND o.topic = %(topic)s
  UNION ALL
  (SELECT organization_id, occurred_at, body FROM events_outboxevent
   WHERE position IS NULL AND topic = %(topic)s ORDER BY number LIMIT %(oldest)s)
  UNION ALL
  SELECT e.organization_id, e.occurred_at, e.body FROM events_troubleddelivery t
  JOIN events_outboxevent e ON e.event_id = t.event_id
  WHERE t.consumer = %(consumer)s AND t.state IN ('retrying', 'waiting', 'dead', 'quarantined')
)
SELECT organization_id, body::jsonb ->> 'ledger', body::jsonb ->> 'account',
  (body::jsonb ->> 'ledger_id')::bigint, (body::jsonb ->> 'account_id')::bigint,
  min(occurred_at)
FROM waiting GROUP BY 1, 2, 3, 4, 5
"""
_LAST_RUNS = """
SELECT c.id, r.state, r.book_count + r.statement_count - coalesce(f.brought, 0),
  coalesce(f.opened, 0)
FROM statements_channel c
CROSS JOIN LATERAL (SELECT * FROM reconciliation_reconciliationrun
  WHERE channel_id = c.id AND state IN ('review', 'signed_off', 'failed')
  ORDER BY number DESC LIMIT %(runs)s) r
LEFT JOIN LATERAL (SELECT sum(brought) AS brought, sum(opened) AS opened
  FROM reconciliation_breakrollforward WHERE run_id = r.id) f ON true
WHERE c.id = ANY(%(channels)s)
ORDER BY c.id, r.number DESC
"""


@dataclass(slots=True)
class ChannelFacts:
    """What is known of a channel now; `at_risk` is in the channel's currency."""

    last_day: date | None = None
    gaps: int = 0
    oldest_event: datetime | None = None
    oldest_open: datetime | None = None
    open_rows: int = 0
    at_risk: Decimal = Decimal(0)
    has_failed: bool = False
    is_refused: bool = False
    # The newest first.
    runs: list[RunFigures] = field(default_factory=list)


def facts_of(channels: Sequence[Channel]) -> dict[int, ChannelFacts]:
    """Return the facts of channels by their keys."""
    facts = {channel.pk: ChannelFacts() for channel in channels}
    keys = list(facts)
    _statements(facts, keys)
    for pk, count in gap_counts(channels).items():
        facts[pk].gaps = count
    _live(facts, keys)
    _risk(facts, channels)
    _runs(facts, keys)
    _events(facts, channels)
    _schedules(facts, keys)
    return facts


def _statements(facts: dict[int, ChannelFacts], keys: list[int]) -> None:
    imported = StatementFile.objects.filter(
        channel__in=keys, state=StatementFile.State.IMPORTED
    )
    for pk, day in imported.order_by().values_list("channel").annotate(day=Max("to_on")):
        facts[pk].last_day = day


def _live(facts: dict[int, ChannelFacts], keys: list[int]) -> None:
    rows = LiveItem.objects.filter(channel__in=keys, bucket="").order_by()
    for pk, oldest, count in rows.values_list("channel").annotate(
        oldest=Min("happened_at"), count=Count("item_id")
    ):
        facts[pk].oldest_open, facts[pk].open_rows = oldest, count


def _risk(facts: dict[int, ChannelFacts], channels: Sequence[Channel]) -> None:
    own = {channel.pk: channel.currency_id for channel in channels}
    rows = Break.objects.filter(~Q(state=BreakState.RESOLVED), channel__in=own).order_by()
    sums = rows.values_list("channel", "currency").annotate(total=Sum("at_risk"))
    for pk, currency, total in sums:
        if currency == own[pk]:
            facts[pk].at_risk = total


def _runs(facts: dict[int, ChannelFacts], keys: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_LAST_RUNS, {"runs": _RUNS, "channels": keys})
        rows: list[Any] = cursor.fetchall()
    for pk, group in groupby(rows, key=lambda row: row[0]):
        found = list(group)
        facts[pk].has_failed = found[0][1] == "failed"
        facts[pk].runs = [
            RunFigures(int(new), int(opened))
            for _pk, state, new, opened in found
            if state != "failed"
        ]


def _schedules(facts: dict[int, ChannelFacts], keys: list[int]) -> None:
    refused = RunSchedule.objects.filter(
        channel__in=keys, is_on=True, outcome=RunSchedule.Outcome.REFUSED
    )
    for pk in refused.values_list("channel", flat=True):
        facts[pk].is_refused = True


def _events(facts: dict[int, ChannelFacts], channels: Sequence[Channel]) -> None:
    """Give each channel the oldest event about its account, or about the one it listens to."""
    values: dict[str, Any] = {
        "oldest": _OLDEST,
        "consumer": CONSUMER,
        "topic": "transaction.completed",
    }
    with connection.cursor() as cursor:
        cursor.execute(_UNDELIVERED, values)
        rows: list[Any] = cursor.fetchall()
    by_key: dict[tuple[Any, ...], datetime] = {}
    for organization, ledger, account, ledger_id, account_id, oldest in rows:
        for key in ((ledger_id, account_id), (organization, f"{ledger}/{account}")):
            by_key[key] = min(oldest, by_key.get(key, oldest))
    for channel in channels:
        keys: list[tuple[Any, ...]] = [(channel.ledger_id, channel.account_id)]
        if channel.source_kind == SourceKind.EVENTS:
            keys.append((channel.organization_id, channel.external_account))
        found = [by_key[key] for key in keys if key in by_key]
        facts[channel.pk].oldest_event = min(found, default=None)
