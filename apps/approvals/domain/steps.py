"""Steps of a flow: which of them an amount meets, and when each is complete.

    flow 1 ──* step     number 1, 1, 2: the two steps of number 1 run side by side, and 2
                        begins when both are complete

A step has a band `above < |amount| <= up_to` in the base currency; a ladder is several
steps with bands. Both ends are open at None.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from apps.approvals.words import SkipRule, StepRule


@dataclass(frozen=True, slots=True)
class Step:
    """What a flow says of one step."""

    id: int
    number: int
    rule: StepRule = StepRule.ANY
    # How many people n of m means; not read for the other rules.
    needed: int = 1
    above: Decimal | None = None
    up_to: Decimal | None = None
    skip: SkipRule = SkipRule.NEVER


def steps_for(steps: Iterable[Step], amount: Decimal) -> tuple[Step, ...]:
    """Return the steps that an amount meets, in their order; the sign does not matter."""
    size = amount.copy_abs()
    met = [step for step in steps if _is_in_band(step, size)]
    return tuple(sorted(met, key=lambda step: (step.number, step.id)))


def _is_in_band(step: Step, size: Decimal) -> bool:
    return (step.above is None or size > step.above) and (
        step.up_to is None or size <= step.up_to
    )


def people_needed(step: Step, people: Collection[int]) -> int:
    """Return how many of its people a step needs; never none, so that nobody is not enough."""
    if step.rule == StepRule.ALL:
        return max(1, len(people))
    return max(1, step.needed) if step.rule == StepRule.N_OF_M else 1


def can_complete(step: Step, people: Collection[int]) -> bool:
    """Say whether a step has enough people to be completed at all."""
    return len(people) >= people_needed(step, people)


def is_complete(step: Step, people: Collection[int], approved: Collection[int]) -> bool:
    """Say whether enough of the people of a step have approved.

    Approvals of anybody else count for nothing, and each person counts once.
    """
    return len(set(people) & set(approved)) >= people_needed(step, people)


def carried_over(step: Step, people: Collection[int], before: Collection[int]) -> set[int]:
    """Return who need not be asked again, having approved in an earlier step."""
    return set(people) & set(before) if step.skip == SkipRule.SAME_PERSON else set()


def steps_in_turn(
    steps: Iterable[Step],
    people: Mapping[int, Collection[int]],
    approved: Mapping[int, Collection[int]],
) -> tuple[Step, ...]:
    """Return the steps of the lowest number that are not complete; none when all are.

    `people` and `approved` map the id of a step to the ids of people.
    """
    waiting = [
        step
        for step in steps
        if not is_complete(step, people.get(step.id, ()), approved.get(step.id, ()))
    ]
    first = min((step.number for step in waiting), default=0)
    return tuple(step for step in waiting if step.number == first)
