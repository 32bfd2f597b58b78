"""Which steps an amount meets, and when they are complete."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from apps.approvals.domain.steps import (
    Step,
    can_complete,
    carried_over,
    is_complete,
    people_needed,
    steps_for,
    steps_in_turn,
)
from apps.approvals.words import SkipRule, StepRule

people = st.sets(st.integers(1, 9))
rules = st.sampled_from(StepRule)
amounts = st.decimals(-2000, 2000, places=2)
LADDER = (
    Step(1, 1, up_to=Decimal(100)),
    Step(2, 1, above=Decimal(100), up_to=Decimal(1000)),
    Step(3, 1, above=Decimal(1000)),
)


@given(amounts)
def test_an_amount_meets_exactly_one_rung_of_a_ladder_whatever_its_sign(
    amount: Decimal,
) -> None:
    (rung,) = steps_for(LADDER, amount)

    assert steps_for(LADDER, -amount) == (rung,)


def test_a_rung_ends_with_its_upper_amount() -> None:
    met = [steps_for(LADDER, Decimal(text))[0].id for text in ("0", "100", "100.01", "1000.01")]

    assert met == [1, 1, 2, 3]


@given(rules, st.integers(0, 12), people)
def test_a_step_is_never_complete_by_nobody(
    rule: StepRule, needed: int, asked: set[int]
) -> None:
    assert not is_complete(Step(1, 1, rule, needed), asked, set())


@given(rules, st.integers(1, 12), people, people)
def test_approvals_of_people_who_were_not_asked_count_for_nothing(
    rule: StepRule, needed: int, asked: set[int], others: set[int]
) -> None:
    assert not is_complete(Step(1, 1, rule, needed), asked, others - asked)


@given(rules, st.integers(1, 12), people, people, people)
def test_another_approval_never_makes_a_complete_step_incomplete(
    rule: StepRule, needed: int, asked: set[int], some: set[int], more: set[int]
) -> None:
    step = Step(1, 1, rule, needed)

    assert is_complete(step, asked, some) <= is_complete(step, asked, some | more)


@given(rules, st.integers(1, 12), people)
def test_a_step_can_complete_when_all_together_complete_it(
    rule: StepRule, needed: int, asked: set[int]
) -> None:
    step = Step(1, 1, rule, needed)

    assert can_complete(step, asked) == is_complete(step, asked, asked)


def test_any_needs_one_all_needs_each_and_a_number_needs_that_many() -> None:
    asked = {1, 2, 3}
    steps = [Step(1, 1, StepRule.ANY), Step(1, 1, StepRule.ALL), Step(1, 1, StepRule.N_OF_M, 2)]

    assert [people_needed(step, asked) for step in steps] == [1, 3, 2]


def test_an_earlier_approval_counts_again_only_where_the_step_says_so() -> None:
    asks_again, skips = Step(1, 2), Step(1, 2, skip=SkipRule.SAME_PERSON)

    assert carried_over(asks_again, {1, 2}, {2, 3}) == set()
    assert carried_over(skips, {1, 2}, {2, 3}) == {2}


def test_steps_of_one_number_run_side_by_side_and_the_next_waits_for_both() -> None:
    steps = (Step(1, 1), Step(2, 1), Step(3, 2))
    asked = {1: [7], 2: [8], 3: [9]}

    def in_turn(approved: dict[int, list[int]]) -> list[int]:
        return [step.id for step in steps_in_turn(steps, asked, approved)]

    assert in_turn({}) == [1, 2]
    assert in_turn({1: [7]}) == [2]
    assert in_turn({1: [7], 2: [8]}) == [3]
    assert in_turn({1: [7], 2: [8], 3: [9]}) == []
