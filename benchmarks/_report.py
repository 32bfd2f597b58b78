"""Figures as JSON lines, and whether the goals hold."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value.

    `limit` is what the machine can do at most, `peer` what others reach with the same work;
    `ratio` is the value against what the goal speaks of, and `holds` whether it is reached.
    """

    name: str
    value: float
    unit: str
    limit: float | None = None
    peer: float | None = None
    ratio: float | None = None
    goal: str = ""
    holds: bool | None = None


def at_least(
    name: str, value: float, unit: str, *, of: float, share: float, **more: float
) -> Figure:
    """Return a figure that should reach a share of another one."""
    ratio = value / of if of else 0.0
    return Figure(
        name,
        value,
        unit,
        ratio=ratio,
        goal=f">= {share:g} x {of:.4g}",
        holds=ratio >= share,
        **more,
    )


def below(name: str, value: float, unit: str, bound: float) -> Figure:
    """Return a figure that should stay at or under a bound."""
    return Figure(
        name,
        value,
        unit,
        ratio=value / bound,
        goal=f"<= {bound:g} {unit}",
        holds=value <= bound,
    )


class Report:
    """Prints each figure when it is known; ends the process by whether all goals hold."""

    def __init__(self) -> None:
        """Start with everything held."""
        self._all_hold = True

    def add(self, figure: Figure) -> None:
        """Print a figure."""
        self._all_hold &= figure.holds is not False
        rounded = {
            name: round(value, 3) if isinstance(value, float) else value
            for name, value in asdict(figure).items()
        }
        print(json.dumps(rounded), flush=True)

    def end(self) -> None:
        """Exit with 0 when every goal holds, else with 1."""
        sys.exit(0 if self._all_hold else 1)
