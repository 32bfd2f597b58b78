"""The figures above the table of checks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Count
from django.utils import timezone

from apps.credit.clients.breakers import Look
from apps.credit.domain.checks import Source
from apps.credit.models import BreakerTransition

if TYPE_CHECKING:
    from apps.credit.models import BreakerTransitionQuerySet, CreditCheckQuerySet
    from apps.credit.services.breaker import BreakerNow

DAY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class DayOfChecks:
    """How many checks of the last 24 hours were answered from where."""

    live: int
    cached: int
    none: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.live + self.cached + self.none


def last_day(checks: CreditCheckQuerySet) -> DayOfChecks:
    """Count the checks of the last 24 hours by their source."""
    rows = checks.filter(at__gt=timezone.now() - DAY).order_by()
    counts = dict(rows.values_list("source").annotate(number=Count("id")))
    return DayOfChecks(*(counts.get(source.value, 0) for source in Source))


def counts_of(
    now: BreakerNow, course: BreakerTransitionQuerySet
) -> Look | BreakerTransition | None:
    """Return what holds the counts: the window while closed, else what opened the breaker."""
    if now.state == BreakerTransition.State.CLOSED:
        return now.look
    people = (BreakerTransition.Cause.FORCED, BreakerTransition.Cause.FAILURES)
    return course.filter(cause__in=people).first()
