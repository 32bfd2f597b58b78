"""Counters and gauges of credit checks for Prometheus, the same from every process.

    fmis_credit_checks_total{outcome,source}     checks by how they ended
    fmis_credit_check_seconds_total{source}      the time that they took, by source
    fmis_credit_breaker_transitions_total{to}    changes of breakers
    fmis_credit_breakers{state}                  breakers that stand so now

Every label has a fixed set of values; organizations and counterparties are none. The counts
live in Redis, so that any process tells those of all; they begin anew when Redis does, which
Prometheus takes for a restart. Without Redis nothing is counted and nothing fails.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from apps.credit.domain.checks import Source
from apps.credit.models import BreakerTransition, CreditCheck
from apps.credit.services.breaker import breaker_now
from apps.credit.services.tally import counts_so_far

if TYPE_CHECKING:
    from prometheus_client.core import Metric

_MILLISECONDS = 1000
_OUTCOMES = CreditCheck.Outcome.values
_SOURCES = [source.value for source in Source]


def credit_metrics() -> Iterator[Metric]:
    """Yield all of them as they stand now."""
    counts = counts_so_far()
    checks = CounterMetricFamily(
        "fmis_credit_checks", "Credit checks by how they ended.", labels=["outcome", "source"]
    )
    for outcome in _OUTCOMES:
        for source in _SOURCES:
            if number := counts.get(f"checks:{outcome}:{source}"):
                checks.add_metric([outcome, source], number)
    seconds = CounterMetricFamily(
        "fmis_credit_check_seconds", "Time that credit checks took.", labels=["source"]
    )
    for source in _SOURCES:
        taken = counts.get(f"milliseconds:{source}", 0)
        seconds.add_metric([source], taken / _MILLISECONDS)
    changes = CounterMetricFamily(
        "fmis_credit_breaker_transitions", "Changes of credit breakers.", labels=["to"]
    )
    for state in BreakerTransition.State.values:
        changes.add_metric([state], counts.get(f"transitions:{state}", 0))
    yield from (checks, seconds, changes, _breakers())


def _breakers() -> Metric:
    """Return how many breakers stand where; those that never changed are not counted."""
    gauge = GaugeMetricFamily(
        "fmis_credit_breakers", "Credit breakers by where they stand.", labels=["state"]
    )
    known = BreakerTransition.objects.order_by().values_list("organization_id", flat=True)
    found = Counter(breaker_now(pk).state.value for pk in known.distinct())
    for state in BreakerTransition.State.values:
        gauge.add_metric([state], found[state])
    return gauge
