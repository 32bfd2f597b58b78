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
_PERCENT = Decimal(100)
# Scales begin at 98, 96, 90, 80, 60, 20 or 0 percent: their labels are short.
_PERCENT_STEPS = tuple(map(Decimal, ("0.5", "1", "2.5", "5", "10", "20", "25")))
_NICE_STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))


# Groups of bars: (label, first value, second value); None has no bar.
Pairs = Sequence[tuple[str, Decimal | None, Decimal | None]]


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
    """What `components/chart_bars.html` draws; `begins_at` is said where a scale has no 0."""

    bars: tuple[Bar, ...]
    grid: tuple[Mark, ...]
    marks: tuple[Mark, ...]
    begins_at: str = ""


def bar_chart(groups: Sequence[tuple[str, Decimal, Decimal]]) -> BarChart:
    """Lay out pairs of bars, one group for each (label, first value, second value).

    Values are not negative; labels of the scale are rounded to whole numbers.
    """
    step = _step(max((value for _, *pair in groups for value in pair), default=Decimal(0)))
    return BarChart(
        _bars(groups, Decimal(0), step),
        _grid([f"{step * line:,.0f}" for line in range(_GRID_LINES + 1)]),
        _group_marks(groups),
    )


def percent_chart(groups: Pairs) -> BarChart:
    """Lay out pairs of percents up to 100, from a round percent below the lowest on."""
    shown = [value for _, *pair in groups for value in pair if value is not None]
    step = _percent_step(min(shown, default=Decimal(0)))
    low = _PERCENT - step * _GRID_LINES
    return BarChart(
        _bars(groups, low, step),
        _grid([trimmed(low + step * line) for line in range(_GRID_LINES + 1)]),
        _group_marks(groups),
        begins_at=trimmed(low) if low else "",
    )


def _bars(groups: Pairs, low: Decimal, step: Decimal) -> tuple[Bar, ...]:
    """Return bars that stand on `low`."""
    width = min(_WIDEST_BAR, _slot(groups) // 3)
    bars = []
    for middle, (label, *pair) in zip(_middles(groups), groups, strict=True):
        for series, value in enumerate(pair, start=1):
            if value is not None:
                height = int((value - low) / (step * _GRID_LINES) * (_BOTTOM - _TOP))
                x = middle - width - 1 if series == 1 else middle + 1
                title = f"{label}: {value:,.2f}"
                bars.append(Bar(series, x, _BOTTOM - height, width, height, title))
    return tuple(bars)


def _grid(labels: Sequence[str]) -> tuple[Mark, ...]:
    rise = _BOTTOM - _TOP
    return tuple(
        Mark(_LEFT, _BOTTOM - rise * line // _GRID_LINES, label)
        for line, label in enumerate(labels)
    )


def _group_marks(
    groups: Pairs,
) -> tuple[Mark, ...]:
    places = zip(_middles(groups), groups, strict=True)
    return tuple(Mark(middle, _BOTTOM, label) for middle, (label, *_) in places)


def _middles(groups: Sequence[object]) -> list[int]:
    slot = _slot(groups)
    return [_LEFT + slot * index + slot // 2 for index in range(len(groups))]


def _slot(groups: Sequence[object]) -> int:
    return (_RIGHT - _LEFT) // max(len(groups), 1)


def _percent_step(lowest: Decimal) -> Decimal:
    """Return the smallest distance of grid lines below 100 that leaves the lowest a bar."""
    for step in _PERCENT_STEPS:
        # Lower bars are too low to be seen.
        if lowest >= _PERCENT - step * _GRID_LINES + step / 10:
            return step
    return _PERCENT_STEPS[-1]


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
