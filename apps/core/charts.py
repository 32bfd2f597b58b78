"""Geometry of charts that the server draws as SVG: exact labels, no script, prints well.

The picture is 490 × 190 units: bars stand between x 40 and 486, y 14 and 168.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_FLOOR, Decimal

_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 486, 14, 168
_GRID_LINES = 4
_WIDEST_BAR = 22
_NICE_STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))


@dataclass(frozen=True)
class Bar:
    """One rectangle; `series` is 1 or 2."""

    series: int
    x: int
    y: int
    width: int
    height: int
    title: str


@dataclass(frozen=True)
class Mark:
    """A text at a place on an axis."""

    x: int
    y: int
    label: str


@dataclass(frozen=True)
class BarChart:
    """What `components/chart_bars.html` draws."""

    bars: tuple[Bar, ...]
    grid: tuple[Mark, ...]
    marks: tuple[Mark, ...]


def bar_chart(groups: Sequence[tuple[str, Decimal, Decimal]]) -> BarChart:
    """Lay out pairs of bars, one group for each (label, first value, second value).

    Values are not negative; labels of the scale are rounded to whole numbers.
    """
    step = _step(max((value for _, *pair in groups for value in pair), default=Decimal(0)))
    top_value = step * _GRID_LINES
    slot = (_RIGHT - _LEFT) // max(len(groups), 1)
    width = min(_WIDEST_BAR, slot // 3)
    bars, marks = [], []
    for index, (label, *pair) in enumerate(groups):
        middle = _LEFT + slot * index + slot // 2
        marks.append(Mark(middle, _BOTTOM, label))
        for series, value in enumerate(pair, start=1):
            height = int(value / top_value * (_BOTTOM - _TOP))
            x = middle - width - 1 if series == 1 else middle + 1
            title = f"{label}: {value:,.2f}"
            bars.append(Bar(series, x, _BOTTOM - height, width, height, title))
    grid = tuple(
        Mark(
            _LEFT,
            _BOTTOM - (_BOTTOM - _TOP) * line // _GRID_LINES,
            f"{step * line:,.0f}",
        )
        for line in range(_GRID_LINES + 1)
    )
    return BarChart(tuple(bars), grid, tuple(marks))


def _step(largest: Decimal) -> Decimal:
    """Return a round distance of grid lines so that the largest value fits."""
    rough = max(largest / _GRID_LINES, Decimal(1))
    magnitude = Decimal(1).scaleb(rough.adjusted())
    return next(nice * magnitude for nice in _NICE_STEPS if nice * magnitude >= rough)


@dataclass(frozen=True)
class LineChart:
    """What `components/chart_line.html` draws; `path` and `area` are SVG path data."""

    path: str
    area: str
    grid: tuple[Mark, ...]
    marks: tuple[Mark, ...]


_WIDE_RIGHT, _WIDE_LEFT = 726, 64
_MOST_MARKS, _LEAST_POINTS = 6, 2


def line_chart(points: Sequence[tuple[date, Decimal]]) -> LineChart:
    """Lay out values over days, two or more, in 740 × 190 units; the scale fits the values."""
    values = [value for _, value in points]
    low, step = _scale(min(values), max(values))
    height = step * _GRID_LINES

    def y_of(value: Decimal) -> int:
        return _BOTTOM - int((value - low) / height * (_BOTTOM - _TOP))

    first = points[0][0]
    days = max((points[-1][0] - first).days, 1)
    places = [
        (_WIDE_LEFT + (_WIDE_RIGHT - _WIDE_LEFT) * (day - first).days // days, y_of(value))
        for day, value in points
    ]
    path = _path(places)
    area = f"{path}L{places[-1][0]} {_BOTTOM}L{places[0][0]} {_BOTTOM}Z"
    grid = tuple(
        Mark(_WIDE_LEFT, y_of(low + step * line), f"{trimmed(low + step * line)}")
        for line in range(_GRID_LINES + 1)
    )
    every = max((len(points) + _MOST_MARKS - 1) // _MOST_MARKS, 1)
    marks = tuple(
        Mark(place[0], _BOTTOM, f"{day:%Y-%m-%d}")
        for (day, _), place in list(zip(points, places, strict=True))[every // 2 :: every]
    )
    return LineChart(path, area, grid, marks)


def sparkline(values: Sequence[Decimal], *, width: int = 96, height: int = 24) -> str:
    """Return the SVG path data of a small line without scale; "" for fewer than two values."""
    if len(values) < _LEAST_POINTS:
        return ""
    low, spread = min(values), max(values) - min(values)
    last = len(values) - 1
    return _path(
        [
            (
                1 + (width - 2) * index // last,
                height // 2
                if not spread
                else height - 2 - int((value - low) / spread * (height - 4)),
            )
            for index, value in enumerate(values)
        ]
    )


def trimmed(value: Decimal) -> str:
    """Return a figure without zeros at its end."""
    return f"{value.normalize():f}"


def _path(places: Sequence[tuple[int, int]]) -> str:
    return "M" + "L".join(f"{x} {y}" for x, y in places)


def _scale(low: Decimal, high: Decimal) -> tuple[Decimal, Decimal]:
    """Return a round bottom of the scale, and a round step so that the top fits too."""
    rough = max((high - low) / _GRID_LINES, abs(high) / 1000, Decimal("0.0000000001"))
    magnitude = Decimal(1).scaleb(rough.adjusted())
    steps = (nice * magnitude for nice in (*_NICE_STEPS, Decimal(20)))
    for step in steps:
        bottom = (low / step).to_integral_value(ROUND_FLOOR) * step
        if bottom + step * _GRID_LINES >= high:
            return bottom, step
    raise AssertionError
