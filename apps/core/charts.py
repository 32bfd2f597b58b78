"""Geometry of charts that the server draws as SVG: exact labels, no script, prints well.

The picture is 490 × 190 units: bars stand between x 40 and 486, y 14 and 168.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

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
