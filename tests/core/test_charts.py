"""Geometry of charts: what they show lies inside the picture."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest

from apps.core.charts import line_chart, percent_chart, sparkline

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


@pytest.mark.parametrize(
    ("lowest", "begins_at"),
    [
        ("100", "98"),
        ("98.4", "98"),
        ("98", "96"),
        ("91.25", "90"),
        ("62", "60"),
        ("23", "20"),
        ("20.01", ""),
        ("0", ""),
    ],
)
def test_a_scale_of_percents_begins_at_a_round_one_below_the_lowest(
    lowest: str, begins_at: str
) -> None:
    chart = percent_chart([("#1", Decimal(100), Decimal(100)), ("#2", Decimal(lowest), None)])

    assert chart.begins_at == begins_at
    assert (chart.grid[0].label, chart.grid[-1].label) == (begins_at or "0", "100")
    assert all(bar.y >= 14 and bar.y + bar.height == 168 for bar in chart.bars)
    assert len(chart.bars) == 3
    assert chart.bars[-1].height > 0 or lowest == "0"


def test_a_scale_of_percents_is_there_for_one_pair_and_for_none() -> None:
    (bar,) = percent_chart([("#1", Decimal(0), None)]).bars
    nothing = percent_chart([])

    assert (bar.height, bar.title) == (0, "#1: 0.00")
    assert (nothing.bars, nothing.marks, nothing.begins_at) == ((), (), "")
