"""Figures of reconciliation for Prometheus, as PostgreSQL has them at the moment of asking.

    recon_lag_seconds{channel,partner}            age of the oldest that waits: event or row
    recon_statement_age_days{channel,partner}     since the last day of the newest statement
    recon_open_items{channel}                     rows since the last run without a counterpart
    recon_breaks{category,currency}               breaks that are not resolved
    recon_breaks_at_risk{category,currency}       what they put at risk
    recon_auto_match_ratio{channel}               share of new rows that the last run matched
    recon_run_seconds{stage}                      the newest finished runs: waiting, working
    recon_queue_depth{state}                      runs that wait or work
    recon_alerts{kind,state}                      alerts that are not closed

A channel is labelled ORGANIZATION/CODE; there are as many as people opened.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Avg, Count, F, Q, Sum
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily

from apps.reconciliation.models import Alert, Break, ReconciliationRun
from apps.reconciliation.services.alert_facts import facts_of
from apps.reconciliation.words import AlertState, BreakState
from apps.statements.models import Channel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client.core import Metric

_NEWEST = 100
_PERCENT = 100


def reconciliation_metrics() -> Iterator[Metric]:
    """Yield all of them as they stand now."""
    yield from _by_channel(timezone.now())
    yield from _breaks()
    yield from _runs()
    alerts = _gauge("alerts", "Alerts that are not closed.", "kind", "state")
    rows = Alert.objects.exclude(state=AlertState.CLOSED).order_by()
    for kind, state, count in rows.values_list("kind", "state").annotate(count=Count("pk")):
        alerts.add_metric([kind, state], count)
    yield alerts


def _gauge(name: str, text: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"recon_{name}", text, labels=labels)


def _by_channel(now: datetime) -> Iterator[Metric]:
    place = ("channel", "partner")
    lag = _gauge("lag_seconds", "Age of the oldest that waits.", *place)
    age = _gauge("statement_age_days", "Days since the newest statement.", *place)
    waiting = _gauge("open_items", "Rows that wait for their counterpart.", "channel")
    ratio = _gauge("auto_match_ratio", "Share of new rows that were matched.", "channel")
    channels = list(
        Channel.objects.filter(is_active=True).select_related("organization", "partner")
    )
    facts = facts_of(channels)
    for channel in channels:
        found = facts[channel.pk]
        name = f"{channel.organization.code}/{channel.code}"
        labels = [name, channel.partner.code if channel.partner else ""]
        oldest = min(filter(None, (found.oldest_event, found.oldest_open)), default=now)
        lag.add_metric(labels, max((now - oldest).total_seconds(), 0))
        if found.last_day:
            age.add_metric(labels, (timezone.localtime(now).date() - found.last_day).days)
        waiting.add_metric([name], found.open_rows)
        share: Any = found.runs[0].break_share if found.runs else None
        if share is not None:
            ratio.add_metric([name], 1 - share / _PERCENT)
    yield from (lag, age, waiting, ratio)


def _breaks() -> Iterator[Metric]:
    labels = ("category", "currency")
    count = _gauge("breaks", "Breaks that are not resolved.", *labels)
    risk = _gauge("breaks_at_risk", "What breaks put at risk.", *labels)
    rows = Break.objects.filter(~Q(state=BreakState.RESOLVED)).order_by()
    for category, currency, number, total in rows.values_list(*labels).annotate(
        number=Count("pk"), total=Sum("at_risk")
    ):
        count.add_metric([category, currency], number)
        risk.add_metric([category, currency], total)
    yield from (count, risk)


def _runs() -> Iterator[Metric]:
    runs = ReconciliationRun.objects.order_by()
    depth = _gauge("queue_depth", "Runs that wait or work.", "state")
    counts = runs.filter(state__in=ReconciliationRun.UNFINISHED).values_list("state")
    found = dict(counts.annotate(number=Count("pk")))
    for state in ReconciliationRun.UNFINISHED:
        depth.add_metric([state], found.get(state, 0))
    yield depth
    newest = runs.exclude(finished_at=None).exclude(started_at=None).order_by("-pk")[:_NEWEST]
    spent = ReconciliationRun.objects.filter(pk__in=newest.values("pk")).aggregate(
        waiting=Avg(F("started_at") - F("created_at")),
        working=Avg(F("finished_at") - F("started_at")),
    )
    seconds = _gauge("run_seconds", "How long the newest runs took on average.", "stage")
    for stage, mean in spent.items():
        if mean is not None:
            seconds.add_metric([stage], mean.total_seconds())
    yield seconds
