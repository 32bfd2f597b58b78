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
    from collections.abc import Iterable

    from apps.ledgers.models import Ledger


@dataclass(frozen=True, slots=True)
class PeriodRow:
    """A period with its counts and the steps that it allows; the books may still refuse one."""

    period: Period
    posted: int
    unposted: dict[str, int]
    steps: frozenset[str]

    @property
    def unposted_count(self) -> int:
        """How many entries must be posted or cancelled before the close."""
        return sum(self.unposted.values())


def steps_of(period: Period) -> frozenset[str]:
    """Return the steps that the state of a period allows; only the last closed one reopens."""
    return _steps(period, _last_closed(period.ledger.periods.all()))


def _steps(period: Period, last_closed: Period | None) -> frozenset[str]:
    steps = _STEPS[PeriodState(period.state)]
    return steps if period == last_closed else steps - {"reopen"}


def _last_closed(periods: Iterable[Period]) -> Period | None:
    """Return the last period that is closed or locked."""
    closed = (one for one in periods if one.state in {PeriodState.CLOSED, PeriodState.LOCKED})
    return max(closed, key=lambda one: (one.fiscal_year, one.number), default=None)


_STEPS = {
    PeriodState.FUTURE: frozenset({"open"}),
    PeriodState.OPEN: frozenset({"close", "hold"}),
    PeriodState.CLOSING: frozenset({"close", "resume"}),
    PeriodState.CLOSED: frozenset({"reopen", "lock", "look"}),
    PeriodState.LOCKED: frozenset({"look"}),
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
    periods = list(ledger.periods.order_by("-fiscal_year", "number"))
    last = _last_closed(periods)
    rows = [
        PeriodRow(
            period, posted.get(period.pk, 0), dict(unposted[period.pk]), _steps(period, last)
        )
        for period in periods
    ]
    by_year = groupby(rows, key=lambda row: row.period.fiscal_year)
    return [(year, list(members)) for year, members in by_year]
