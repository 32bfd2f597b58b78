"""How much was matched by itself, by channel and over time: by rows and by value.

A rate is of what took part in the run, rows that were open before included; its value counts
rows in the currency of the channel. Runs that ended before outcomes were kept tell rows alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_DOWN, Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Count, F, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.charts import BarChart, percent_chart
from apps.core.exports import Cell, ColumnKind
from apps.reconciliation.domain.buckets import MATCHED, SUGGESTED, Side
from apps.reconciliation.models import Break, ReconciliationRun, RunOutcome
from apps.reconciliation.services.alert_facts import facts_of
from apps.reconciliation.words import BreakState

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from apps.statements.models import Channel

RUNS_OF_A_CHART, RUNS_OF_A_TABLE = 12, 24
_CHUNK = 500
_PERCENT = Decimal(100)
_CENT = Decimal("0.01")
_FINISHED = (ReconciliationRun.State.REVIEW, ReconciliationRun.State.SIGNED_OFF)
COLUMN_KINDS = (
    ColumnKind.TEXT,
    ColumnKind.INTEGER,
    ColumnKind.DATE,
    ColumnKind.DATE,
    ColumnKind.INTEGER,
    ColumnKind.INTEGER,
    ColumnKind.INTEGER,
    ColumnKind.AMOUNT,
    ColumnKind.TEXT,
    ColumnKind.AMOUNT,
    ColumnKind.AMOUNT,
    ColumnKind.AMOUNT,
)


@dataclass(frozen=True, slots=True)
class MatchRate:
    """What a run matched by itself; `value` and `matched_value` are None where unknown."""

    run: ReconciliationRun
    rows: int
    matched: int
    suggested: int
    value: Decimal | None
    matched_value: Decimal | None

    @property
    def by_count(self) -> Decimal | None:
        """Percent of the rows of both sides; None of a run without rows."""
        return _share(Decimal(self.matched), Decimal(self.rows))

    @property
    def by_value(self) -> Decimal | None:
        """Percent of the value of both sides."""
        if self.value is None or self.matched_value is None:
            return None
        return _share(self.matched_value, self.value)


@dataclass(frozen=True, slots=True)
class ChannelRate:
    """Where a channel stands: its newest rates, what they were before, and what lags."""

    channel: Channel
    newest: MatchRate | None
    before: MatchRate | None
    open_breaks: int
    statement_days: int | None
    oldest_hours: int | None

    @property
    def change(self) -> Decimal | None:
        """By how many points the rate by rows changed against the run before."""
        if not self.newest or not self.before:
            return None
        now, then = self.newest.by_count, self.before.by_count
        return None if now is None or then is None else now - then


def channel_rates(channels: Sequence[Channel]) -> list[ChannelRate]:
    """Return where channels stand; a fixed number of statements whatever their number."""
    facts, now = facts_of(channels), timezone.now()
    runs = _last_two(channels)
    by_channel: dict[int, list[MatchRate]] = {channel.pk: [] for channel in channels}
    for rate in rates_of(runs):
        by_channel[rate.run.channel_id].append(rate)
    breaks = dict(
        Break.objects.filter(~Q(state=BreakState.RESOLVED), channel__in=by_channel)
        .order_by()
        .values_list("channel")
        .annotate(Count("pk"))
    )
    found = []
    for channel in channels:
        fact = facts[channel.pk]
        newest, before = [*by_channel[channel.pk], None, None][:2]
        today = timezone.localdate()
        days = (today - fact.last_day).days if fact.last_day else None
        oldest = (now - fact.oldest_open) // timedelta(hours=1) if fact.oldest_open else None
        count = breaks.get(channel.pk, 0)
        found.append(ChannelRate(channel, newest, before, count, days, oldest))
    return found


def finished_runs(channel: Channel) -> QuerySet[ReconciliationRun]:
    """Return the runs of a channel that have results, the newest first."""
    rows = ReconciliationRun.objects.filter(channel=channel, state__in=_FINISHED)
    return rows.select_related("channel").order_by("-number")


def rates_of(runs: Iterable[ReconciliationRun]) -> list[MatchRate]:
    """Return the rates of runs, in their order."""
    shown = list(runs)
    told = {row["run"]: row for row in _sums(shown)}
    return [_rate(run, told.get(run.pk)) for run in shown]


def rate_chart(rates: Sequence[MatchRate]) -> BarChart | None:
    """Return bars of both rates for the last runs, the oldest first; None for none."""
    shown = [rate for rate in rates if rate.by_count is not None][:RUNS_OF_A_CHART]
    if not shown:
        return None
    return percent_chart(
        [(f"#{rate.run.number}", rate.by_count, rate.by_value) for rate in reversed(shown)]
    )


def export_header() -> list[str]:
    """Return the headings of the exported table."""
    return [
        _("Channel"),
        _("Run"),
        _("From"),
        _("To"),
        _("Rows"),
        _("Matched"),
        _("Suggested"),
        _("Matched, percent of rows"),
        _("Currency"),
        _("Value"),
        _("Value matched"),
        _("Matched, percent of value"),
    ]


def export_rows(channels: Iterable[Channel]) -> Iterator[Sequence[Cell]]:
    """Yield all runs of channels, channel by channel, the newest first."""
    for channel in channels:
        runs = finished_runs(channel)
        for first in range(0, runs.count(), _CHUNK):
            for rate in rates_of(runs[first : first + _CHUNK]):
                yield _cells(channel, rate)


def _cells(channel: Channel, rate: MatchRate) -> list[Cell]:
    run = rate.run
    return [
        channel.label,
        run.number,
        run.from_on,
        run.to_on,
        rate.rows,
        rate.matched,
        rate.suggested,
        rate.by_count,
        channel.currency_id,
        rate.value,
        rate.matched_value,
        rate.by_value,
    ]


def _last_two(channels: Sequence[Channel]) -> list[ReconciliationRun]:
    """Return the newest two finished runs of each channel, the newer first."""
    sql = """
SELECT r.* FROM unnest(%s::bigint[]) AS c(id) CROSS JOIN LATERAL (
  SELECT * FROM reconciliation_reconciliationrun WHERE channel_id = c.id AND state = ANY(%s)
  ORDER BY number DESC LIMIT 2) r ORDER BY r.channel_id, r.number DESC"""
    keys = [channel.pk for channel in channels]
    return list(ReconciliationRun.objects.raw(sql, [keys, list(_FINISHED)]))


def _sums(runs: Sequence[ReconciliationRun]) -> Any:
    """Return the value of runs and what was matched of it, in the channel's currency."""
    of_channel = Q(currency=F("run__channel__currency"))
    return (
        RunOutcome.objects.filter(run__in=[run.pk for run in runs])
        .order_by()
        .values("run")
        .annotate(
            total=Sum("value", filter=of_channel, default=Decimal(0)),
            matched=Sum("value", filter=of_channel & Q(bucket__in=MATCHED), default=Decimal(0)),
        )
    )


def _rate(run: ReconciliationRun, told: Any) -> MatchRate:
    counts: dict[str, int] = {}
    for side in Side:
        for bucket, count in run.counters.get(side, {}).items():
            counts[bucket] = counts.get(bucket, 0) + count
    return MatchRate(
        run=run,
        rows=sum(counts.values()),
        matched=sum(count for bucket, count in counts.items() if bucket in MATCHED),
        suggested=sum(count for bucket, count in counts.items() if bucket in SUGGESTED),
        value=told["total"] if told else None,
        matched_value=told["matched"] if told else None,
    )


def _share(part: Decimal, whole: Decimal) -> Decimal | None:
    """Return percent, rounded down: 100.00 is said only when nothing is left."""
    return (part * _PERCENT / whole).quantize(_CENT, ROUND_DOWN) if whole else None
