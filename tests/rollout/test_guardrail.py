"""Which figures pass their limits."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from apps.rollout.domain.guardrail import Limits, breaches
from apps.rollout.domain.outcomes import Measure, Outcome, summarise

LIMITS = Limits(rejection=Decimal(10), reversal=Decimal(5), p90=Decimal(24), least=10)


def requests(count: int, *, rejected: int = 0, hours: int = 1) -> list[Outcome]:
    """Return decided requests, some of them rejected."""
    return [Outcome(1, True, hours * 3600, is_rejected=n < rejected) for n in range(count)]


def test_a_figure_at_its_limit_is_allowed_and_one_above_is_not() -> None:
    assert breaches(LIMITS, summarise(requests(20, rejected=2))) == []

    (breach,) = breaches(LIMITS, summarise(requests(20, rejected=3)))

    assert breach == (Measure.REJECTION, Decimal("15.00"), Decimal(10))


def test_several_limits_may_be_passed_at_once() -> None:
    found = breaches(LIMITS, summarise(requests(20, rejected=20, hours=30)))

    assert [one.measure for one in found] == [Measure.REJECTION, Measure.P90]
    assert found[1].figure == Decimal("30.00")


def test_too_few_decided_requests_prove_nothing() -> None:
    few = [*requests(9, rejected=9), *[Outcome(1, True, None)] * 50]

    assert breaches(LIMITS, summarise(few)) == []


def test_what_has_no_limit_is_not_watched() -> None:
    open_ended = replace(LIMITS, rejection=None, p90=None)

    assert breaches(open_ended, summarise(requests(20, rejected=20, hours=99))) == []
