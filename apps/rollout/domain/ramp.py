"""A ramp: which percentage from which day on, and what makes a schedule one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from apps.core.errors import FinanceError
from apps.rollout.errors import (
    NotAPercentage,
    StepDoesNotGrow,
    StepIsInThePast,
    StepsAreOutOfOrder,
    TooManySteps,
)

MOST_STEPS = 12
_ALL = Decimal(100)
_STEP = Decimal("0.01")


class Step(NamedTuple):
    """A share in per cent and its first day."""

    starts_on: date
    percent: Decimal


def is_percentage(percent: Decimal) -> bool:
    """Say whether a number is 0 to 100 with at most two decimals."""
    return percent.is_finite() and 0 <= percent <= _ALL and percent % _STEP == 0


def problem_of(steps: Sequence[Step], *, today: date, percent: Decimal) -> FinanceError | None:
    """Return why steps are no schedule for a flag that is at `percent` today, None if fine."""
    if len(steps) > MOST_STEPS:
        return TooManySteps(most=MOST_STEPS)
    if not all(is_percentage(step.percent) for step in steps):
        return NotAPercentage()
    if any(step.starts_on < today for step in steps):
        return StepIsInThePast()
    if any(one.starts_on >= next_one.starts_on for one, next_one in pairwise(steps)):
        return StepsAreOutOfOrder()
    reached = [percent, *(step.percent for step in steps)]
    if any(one >= next_one for one, next_one in pairwise(reached)):
        return StepDoesNotGrow(percent=f"{percent.normalize():f}")
    return None


def step_due(steps: Sequence[Step], today: date) -> Step | None:
    """Return the step that holds today, None before the first.

    After days on which nothing moved the last due step holds; those before it are skipped.
    """
    due = [step for step in steps if step.starts_on <= today]
    return max(due) if due else None
