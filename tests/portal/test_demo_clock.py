"""The demo is the same at whatever time of day it is made."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from apps.portal.demo.clock import on_one_day

NOON, MIDNIGHT = datetime(2026, 11, 27, 4, tzinfo=UTC), datetime(2026, 11, 27, 16, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize("later", [NOON, MIDNIGHT, MIDNIGHT + MINUTE, MIDNIGHT - MINUTE])
def test_what_was_asked_twice_on_a_day_was_not_asked_on_both_sides_of_midnight(
    later: datetime,
) -> None:
    first, second = on_one_day(later - 13 * MINUTE, later)

    assert timezone.localdate(first) == timezone.localdate(second)
    assert first <= second == later


def test_two_moments_of_a_day_stay_as_they_are() -> None:
    assert on_one_day(NOON - 13 * MINUTE, NOON) == (NOON - 13 * MINUTE, NOON)
