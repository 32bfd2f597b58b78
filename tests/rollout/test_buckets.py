"""Places in line: where they come from, and how far a percentage reaches."""

from __future__ import annotations

from decimal import Decimal

import pytest

from apps.rollout.domain.buckets import BUCKETS, FlagFacts, bucket_of, decide, is_within
from apps.rollout.words import Reason

NAME = "a-flag"


@pytest.mark.parametrize(
    ("percent", "last"), [("0.01", 0), ("15", 1499), ("33.33", 3332), ("100", 9999)]
)
def test_a_percentage_reaches_so_many_places_and_not_one_more(percent: str, last: int) -> None:
    assert is_within(last, Decimal(percent))
    assert not is_within(last + 1, Decimal(percent))


def test_nobody_is_reached_by_nothing() -> None:
    assert not is_within(0, Decimal(0))


def test_places_are_spread_evenly() -> None:
    tenths = [0] * 10
    for key in range(10_000):
        tenths[bucket_of(NAME, key) * 10 // BUCKETS] += 1

    assert min(tenths) > 900
    assert max(tenths) < 1100


def facts(*, is_killed: bool = False, **overrides: bool) -> FlagFacts:
    """Return a flag at 0 %, with department 1 pinned if asked."""
    pins = {1: overrides["pinned"]} if overrides else {}
    return FlagFacts(7, NAME, 3, Decimal(0), is_killed, pins)


def test_stopped_beats_pinned_and_pinned_beats_the_bucket() -> None:
    assert decide(facts(is_killed=True, pinned=True), 1).reason == Reason.KILLED
    assert decide(facts(pinned=True), 1).is_on
    assert decide(facts(), 1).reason == Reason.BUCKET


def test_a_pinned_department_pins_no_other() -> None:
    assert not decide(facts(pinned=True), 2).is_on
