"""Comparing two flows by departments, and refusing to where there are too few."""

from __future__ import annotations

import random

from apps.rollout.domain.comparison import Verdict, compare
from apps.rollout.domain.outcomes import Measure, Outcome, percentile, share, summarise
from apps.rollout.services.wording import rows_of

HOUR = 3600


def department(key: int, *, is_on: bool, hours: int, count: int = 10) -> list[Outcome]:
    """Return requests of a department that take around some hours."""
    return [Outcome(key, is_on, hours * HOUR + n, is_posted=True) for n in range(count)]


def sides(count: int, old: int, new: int) -> list[Outcome]:
    """Return as many departments on each side, slow by their number, with typical hours."""
    return [
        one
        for key in range(count)
        for is_on, hours in ((False, old), (True, new))
        for one in department(2 * key + is_on, is_on=is_on, hours=hours + key)
    ]


def test_a_flow_that_is_faster_in_every_department_is_called_better() -> None:
    found = compare(sides(10, old=40, new=5)).differences[Measure.MEDIAN]

    assert (found.verdict, found.departments) == (Verdict.BETTER, (10, 10))
    assert found.difference == -35 * HOUR


def test_the_page_says_by_how_much_and_how_sure_that_is() -> None:
    rejections = [
        Outcome(2 * key + is_on, bool(is_on), HOUR, is_rejected=bool(is_on))
        for key in range(8)
        for is_on in (0, 1)
    ]

    faster = rows_of(compare(sides(10, old=40, new=5)))[0]
    stricter = rows_of(compare(rejections))[2]

    assert (faster.verdict, faster.tone) == ("v2 is better", "ok")
    assert faster.note.startswith("\u221235.0 ± ")
    assert faster.note.endswith(" h, 10 and 10 departments")
    assert (stricter.before, stricter.after) == ("0.0 %", "100.0 %")
    assert "+100.0 ± " in stricter.note
    assert " points, " in stricter.note


def test_a_slower_flow_is_called_worse() -> None:
    assert compare(sides(10, 5, 40)).differences[Measure.P90].verdict == Verdict.WORSE


def test_seven_departments_conclude_nothing_however_many_requests_they_have() -> None:
    found = compare(sides(7, old=40, new=5)).differences[Measure.MEDIAN]

    assert (found.verdict, found.difference) == (Verdict.TOO_FEW, None)


def test_the_same_flow_under_two_names_makes_no_difference() -> None:
    found = compare(sides(10, 20, 20)).differences

    assert {found[m].verdict for m in Measure if m != Measure.LATE} == {Verdict.NO_DIFFERENCE}
    assert found[Measure.LATE].verdict == Verdict.TOO_FEW


def test_equal_flows_raise_an_alarm_in_few_of_two_hundred_simulations() -> None:
    dice = random.Random(1)  # noqa: S311  (statistics, no secret)
    alarms = 0
    for _ in range(200):
        habits = [dice.randint(2, 60) for _ in range(30)]
        new = set(dice.sample(range(30), 10))
        outcomes = [
            Outcome(key, key in new, hours * HOUR + dice.randint(0, HOUR))
            for key, hours in enumerate(habits)
            for _ in range(20)
        ]
        alarms += compare(outcomes).differences[Measure.MEDIAN].verdict != "no_difference"

    # One per cent are expected; by requests nearly half of them would be alarms.
    assert alarms <= 8


def test_a_department_that_had_both_flows_is_on_neither_side() -> None:
    moved = department(0, is_on=True, hours=1)

    found = compare([*sides(8, 40, 5), *moved])

    assert found.left_out == 1
    assert found.differences[Measure.MEDIAN].departments == (7, 8)


def test_the_figures_count_all_requests_and_rates_only_what_they_are_about() -> None:
    summary = summarise([
        Outcome(1, True, HOUR, is_posted=True, is_reversed=True, is_late=True),
        Outcome(1, True, 2 * HOUR, is_posted=True, is_late=False),
        Outcome(2, True, 3 * HOUR, is_rejected=True),
        Outcome(2, True, None),
    ])  # fmt: skip

    assert (summary.volume, summary.decided) == (4, 3)
    assert summary.figures == {
        Measure.MEDIAN: 2 * HOUR,
        Measure.P90: 3 * HOUR,
        Measure.REJECTION: 3333,
        Measure.REVERSAL: 5000,
        Measure.LATE: 5000,
    }


def test_percentiles_are_values_that_occurred() -> None:
    assert percentile([], 50) is None
    assert percentile([7], 90) == 7
    assert [percentile(range(1, 11), p) for p in (1, 50, 90, 100)] == [1, 5, 9, 10]


def test_shares_round_half_up_and_nothing_has_no_share() -> None:
    assert [share(1, 3), share(2, 3), share(1, 8), share(0, 5)] == [3333, 6667, 1250, 0]
    assert share(0, 0) is None
