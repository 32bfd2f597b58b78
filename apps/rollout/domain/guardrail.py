"""The guardrail: figures of the new flow that halt a ramp when they pass their limits."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

from apps.rollout.domain.outcomes import Measure, Summary

# Seconds in an hour, and basis points in a per cent: what a limit's unit is worth.
UNITS = MappingProxyType({
    Measure.REJECTION: 100,
    Measure.REVERSAL: 100,
    Measure.LATE: 100,
    Measure.MEDIAN: 3600,
    Measure.P90: 3600,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Limits:
    """What must not be passed: shares in per cent, times in hours; None is not watched.

    Fewer decided requests than `least` prove nothing.
    """

    rejection: Decimal | None
    reversal: Decimal | None
    p90: Decimal | None
    least: int

    def watched(self) -> dict[Measure, Decimal]:
        """Return the limits that there are."""
        limits = {
            Measure.REJECTION: self.rejection,
            Measure.REVERSAL: self.reversal,
            Measure.P90: self.p90,
        }
        return {measure: limit for measure, limit in limits.items() if limit is not None}


class Breach(NamedTuple):
    """A figure above its limit, both in the unit of the limit."""

    measure: Measure
    figure: Decimal
    limit: Decimal


def breaches(limits: Limits, new_flow: Summary) -> list[Breach]:
    """Return the limits that the new flow passes, none while it has too few requests."""
    if new_flow.decided < limits.least:
        return []
    found = []
    for measure, limit in limits.watched().items():
        figure = new_flow.figures[measure]
        if figure is not None and figure > limit * UNITS[measure]:
            found.append(Breach(measure, in_unit(measure, figure), limit))
    return found


def in_unit(measure: Measure, figure: int | Decimal) -> Decimal:
    """Return seconds as hours and basis points as per cent, with two decimals, half up."""
    return (Decimal(figure) / UNITS[measure]).quantize(Decimal("0.01"), "ROUND_HALF_UP")
