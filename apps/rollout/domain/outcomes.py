"""What became of requests under both flows, and the figures that sum it up.

Times are whole seconds, shares are whole basis points (10,000 is all of them), rounded half
up: nothing here is a binary fraction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

WHOLE = 10_000
_HUNDRED = 100
_MEDIAN, _P90 = 50, 90


class Outcome(NamedTuple):
    """One request: which flow it took, how long it waited, how it ended.

    `seconds` runs from submission to the decision; None while it is undecided. `is_posted`
    says that the subject was posted, `is_reversed` that it was reversed after that.
    `is_late` says whether the decision passed its SLA; None without one.
    """

    department_id: int
    is_on: bool
    seconds: int | None
    is_rejected: bool = False
    is_posted: bool = False
    is_reversed: bool = False
    is_late: bool | None = None


class Measure(StrEnum):
    """What both flows are compared by; less is better in each."""

    MEDIAN = "median"
    P90 = "p90"
    REJECTION = "rejection"
    REVERSAL = "reversal"
    LATE = "late"


TIMES = frozenset({Measure.MEDIAN, Measure.P90})


@dataclass(frozen=True, slots=True)
class Summary:
    """Figures of a flow: how many requests, and the measures (None: nothing to measure)."""

    volume: int
    decided: int
    figures: dict[Measure, int | None]


def percentile(values: Sequence[int], percent: int) -> int | None:
    """Return the nearest-rank percentile: the least value that `percent` do not exceed."""
    if not values:
        return None
    ordered = sorted(values)
    rank = -(-percent * len(ordered) // _HUNDRED)
    return ordered[max(rank, 1) - 1]


def share(count: int, total: int) -> int | None:
    """Return a share in basis points, half up; None of nothing."""
    return (2 * WHOLE * count + total) // (2 * total) if total else None


def summarise(outcomes: Iterable[Outcome]) -> Summary:
    """Return the figures of some requests; times and rejections of the decided ones."""
    found = list(outcomes)
    decided = [one for one in found if one.seconds is not None]
    figures = {measure: measured(decided) for measure, measured in _MEASURED.items()}
    return Summary(len(found), len(decided), figures)


def _seconds(decided: Sequence[Outcome]) -> list[int]:
    return [one.seconds for one in decided if one.seconds is not None]


def _rejection(decided: Sequence[Outcome]) -> int | None:
    return share(sum(one.is_rejected for one in decided), len(decided))


def _reversal(decided: Sequence[Outcome]) -> int | None:
    posted = [one for one in decided if one.is_posted]
    return share(sum(one.is_reversed for one in posted), len(posted))


def _late(decided: Sequence[Outcome]) -> int | None:
    promised = [one for one in decided if one.is_late is not None]
    return share(sum(bool(one.is_late) for one in promised), len(promised))


_MEASURED: MappingProxyType[Measure, Callable[[Sequence[Outcome]], int | None]] = (
    MappingProxyType({
        Measure.MEDIAN: lambda decided: percentile(_seconds(decided), _MEDIAN),
        Measure.P90: lambda decided: percentile(_seconds(decided), _P90),
        Measure.REJECTION: _rejection,
        Measure.REVERSAL: _reversal,
        Measure.LATE: _late,
    })
)  # fmt: skip
