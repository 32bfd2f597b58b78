"""When a channel deserves attention: figures against thresholds, in plain Python."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median

# Fewer runs before do not say what is usual.
LEAST_RUNS = 3
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class RunFigures:
    """A run that was done: rows that no run had seen before, and those that became breaks."""

    new: int
    opened: int

    @property
    def break_share(self) -> Decimal | None:
        """Percent of what was new; None when nothing was."""
        return self.opened * _HUNDRED / self.new if self.new > 0 else None


@dataclass(frozen=True, slots=True)
class Reading:
    """What was measured of a kind, and what it may be; None: it cannot be measured now."""

    kind: str
    value: Decimal | None
    threshold: Decimal

    @property
    def is_bad(self) -> bool:
        """Whether the value is beyond its threshold."""
        return self.value is not None and self.value > self.threshold


def fall_of(runs: Sequence[RunFigures]) -> Decimal | None:
    """Return by how many points the newest run matched less than the median of those before.

    The newest run comes first; runs without new rows do not count.
    """
    shares = [_HUNDRED - run.break_share for run in runs if run.break_share is not None]
    if len(shares) <= LEAST_RUNS:
        return None
    return median(shares[1:]) - shares[0]
