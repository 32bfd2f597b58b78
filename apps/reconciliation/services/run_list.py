"""The list of runs: what became of their rows, and what waits."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from apps.reconciliation.domain.buckets import Side
from apps.reconciliation.models import ReconciliationRun
from apps.reconciliation.services.queueing import places_of
from apps.reconciliation.services.run_words import tone_of

if TYPE_CHECKING:
    from collections.abc import Iterable

TONES = ("matched", "suggested", "breaks")
_HUNDREDTHS = Decimal(100)


@dataclass(frozen=True, slots=True)
class FunnelPart:
    """A part of the bar in 1000 units of width."""

    tone: str
    x: int
    width: int
    count: int


@dataclass(frozen=True, slots=True)
class Funnel:
    """How many rows of both sides were matched, are suggested, or are breaks."""

    parts: tuple[FunnelPart, ...]
    total: int
    book_rate: Decimal
    statement_rate: Decimal

    @property
    def counts(self) -> dict[str, int]:
        """Rows by what became of them."""
        return {part.tone: part.count for part in self.parts}


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run of the list; `before` is how many others are queued before it."""

    run: ReconciliationRun
    funnel: Funnel | None
    before: int


def rows_of_runs(runs: Iterable[ReconciliationRun]) -> list[RunRow]:
    """Return runs with their funnels and places in the queue."""
    shown = list(runs)
    places = places_of(shown)
    return [RunRow(run, funnel_of(run), places.get(run.pk, 0)) for run in shown]


def funnel_of(run: ReconciliationRun) -> Funnel | None:
    """Return what became of the rows of a run; None while nobody knows."""
    counts: Counter[str] = Counter()
    for side in Side:
        for bucket, count in run.counters.get(side, {}).items():
            counts[tone_of(bucket)] += count
    total = sum(counts.values())
    if not total:
        return None
    parts, x = [], 0
    for tone in TONES:
        # A few rows among a million stay visible.
        width = max(counts[tone] * 1_000 // total, 6) if counts[tone] else 0
        parts.append(FunnelPart(tone, x, width, counts[tone]))
        x += width
    rates = run.counters.get("rates", {})
    shares = [Decimal(rates.get(side, 0)) / _HUNDREDTHS for side in Side]
    return Funnel(tuple(parts), total, *shares)
