"""Geometry of charts: what they show lies inside the picture."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest

from apps.core.charts import line_chart, sparkline

DAY = date(2026, 1, 1)


def places(path: str) -> list[tuple[int, int]]:
    """Return the points of path data."""
    return [(int(x), int(y)) for x, y in re.findall(r"(-?\d+) (-?\d+)", path)]


@pytest.mark.parametrize(
    "values",
    [
        ("7.1", "7.2"),
        ("0.0000000001", "9999999999"),
        ("5", "5"),
        ("0.0041", "0.0042"),
        ("99", "1"),
    ],
)
def test_a_line_lies_inside_its_picture_and_its_scale_around_it(
    values: tuple[str, str],
) -> None:
    numbers = [Decimal(value) for value in values]

    chart = line_chart([(DAY + timedelta(days=n), value) for n, value in enumerate(numbers)])

    assert [x for x, _ in places(chart.path)] == [64, 726]
    assert all(14 <= y <= 168 for _, y in places(chart.path))
    scale = [Decimal(mark.label) for mark in chart.grid]
    assert scale[0] <= min(numbers)
    assert scale[-1] >= max(numbers)
    assert len(set(scale)) == 5


def test_dates_are_marked_where_there_is_room() -> None:
    points = [(DAY + timedelta(days=n), Decimal(n + 1)) for n in range(240)]

    assert 2 <= len(line_chart(points).marks) <= 6


def test_a_sparkline_rises_with_its_values() -> None:
    (_, first), (_, middle), (_, last) = places(sparkline([Decimal(1), Decimal(2), Decimal(3)]))

    assert first > middle > last


def test_a_sparkline_needs_two_values_and_is_flat_where_nothing_moves() -> None:
    assert sparkline([Decimal(1)]) == ""
    assert sparkline([Decimal(1), Decimal(1)]) == "M1 12L95 12"
