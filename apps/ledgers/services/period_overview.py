"""Periods as their page shows them: state, what is posted, what is in the way of a close."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from django.db.models import Count, Sum

from apps.ledgers.models import (
    EntryCounter,
    EntryState,
    JournalEntry,
    Period,
    PeriodState,
)

if TYPE_CHECKING:
    from apps.ledgers.models import Ledger


@dataclass(frozen=True, slots=True)
class PeriodRow:
    """A period with its counts and the steps that its state allows."""

    period: Period
    posted: int
    unposted: dict[str, int]

    @property
    def unposted_count(self) -> int:
        """How many entries must be posted or cancelled before the close."""
        return sum(self.unposted.values())

    @property
    def steps(self) -> frozenset[str]:
        """The steps that the state allows; the books may still refuse one."""
        return steps_of(self.period)


def steps_of(period: Period) -> frozenset[str]:
    """Return the steps that the state of a period allows."""
    return _STEPS[PeriodState(period.state)]


_STEPS = {
    PeriodState.FUTURE: frozenset({"open"}),
    PeriodState.OPEN: frozenset({"close", "hold"}),
    PeriodState.CLOSING: frozenset({"close", "resume"}),
    PeriodState.CLOSED: frozenset({"reopen", "lock"}),
    PeriodState.LOCKED: frozenset[str](),
}


def fiscal_years(ledger: Ledger) -> list[tuple[int, list[PeriodRow]]]:
    """Return the years of a ledger, the newest first, each with its periods in order."""
    unposted: dict[int, Counter[str]] = defaultdict(Counter)
    waiting = JournalEntry.objects.filter(ledger=ledger).unposted()
    counted = waiting.order_by().values_list("period_id", "state").annotate(Count("pk"))
    for period_id, state, count in counted:
        unposted[period_id][EntryState(state).value] = count
    posted = dict(
        EntryCounter.objects.filter(ledger=ledger)
        .values_list("period_id")
        .annotate(Sum("last_number"))
    )
    rows = [
        PeriodRow(period, posted.get(period.pk, 0), dict(unposted[period.pk]))
        for period in ledger.periods.order_by("-fiscal_year", "number")
    ]
    by_year = groupby(rows, key=lambda row: row.period.fiscal_year)
    return [(year, list(members)) for year, members in by_year]
