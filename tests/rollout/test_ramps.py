"""The ramp: planned by a person, moved by beat, never backwards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from apps.core.errors import FinanceError, StaleVersion
from apps.rollout.domain.ramp import Step
from apps.rollout.errors import (
    NotAPercentage,
    RolloutStaysTheSame,
    ScheduleIsEmpty,
    StepDoesNotGrow,
    StepIsInThePast,
    StepsAreOutOfOrder,
    TooManySteps,
)
from apps.rollout.models import Flag
from apps.rollout.services.flags import set_percent, stop_rollout
from apps.rollout.services.moving import move_rollouts
from apps.rollout.services.ramps import plan_ramp, planned_steps, resume_ramp
from apps.rollout.words import ChangeKind, StepState
from tests.factories import make_organization
from tests.rollout.flags import WHY, make_admin, make_flag

pytestmark = pytest.mark.django_db


def in_days(number: int) -> date:
    """Return a day from today on."""
    return timezone.localdate() + timedelta(days=number)


def steps_of(*pairs: tuple[int, str]) -> list[Step]:
    """Return steps from (days from today, share)."""
    return [Step(in_days(days), Decimal(percent)) for days, percent in pairs]


RAMP = ((0, "5"), (7, "15"), (14, "50"), (21, "100"))


def plan(flag: Flag, *pairs: tuple[int, str]) -> Flag:
    """Plan a ramp."""
    steps = steps_of(*pairs)
    return plan_ramp(flag, steps, version=flag.version, reason=WHY, actor=make_admin(flag))


def test_a_ramp_moves_on_its_days_and_at_last_reaches_everybody() -> None:
    flag = plan(make_flag(percent="0"), *RAMP)

    shares = []
    for days, _percent in RAMP:
        move_rollouts(in_days(days))
        flag.refresh_from_db()
        shares.append(flag.percent)

    assert shares == [5, 15, 50, 100]
    assert planned_steps(flag) == []
    assert (flag.change_kind, flag.version) == (ChangeKind.RAMP, 6)


def test_a_step_is_taken_once() -> None:
    flag = plan(make_flag(percent="0"), *RAMP)

    assert [move_rollouts(in_days(0)) for _ in range(3)] == [1, 0, 0]
    flag.refresh_from_db()

    assert flag.version == 3


def test_days_on_which_nothing_ran_are_caught_up_with_in_one_step() -> None:
    flag = plan(make_flag(percent="0"), *RAMP)

    move_rollouts(in_days(15))
    flag.refresh_from_db()

    assert flag.percent == 50
    assert flag.steps.filter(state=StepState.DONE).count() == 3


def test_a_ramp_takes_nobody_back_when_a_person_went_further_by_hand() -> None:
    flag = plan(make_flag(percent="0"), *RAMP)
    set_percent(flag, Decimal(60), version=flag.version, reason=WHY, actor=make_admin(flag))

    move_rollouts(in_days(8))
    flag.refresh_from_db()

    assert flag.percent == 60


def test_a_stopped_rollout_does_not_move() -> None:
    flag = plan(make_flag(percent="0"), *RAMP)
    stop_rollout(flag, version=flag.version, reason=WHY, actor=make_admin(flag))

    assert move_rollouts(in_days(30)) == 0


def test_a_new_schedule_takes_the_place_of_the_planned_one() -> None:
    flag = plan(make_flag(percent="0"), *RAMP)

    flag = plan(flag, (3, "30"))

    assert [step.percent for step in planned_steps(flag)] == [30]
    assert flag.steps.filter(state=StepState.DROPPED).count() == 4
    plan(flag)
    assert planned_steps(flag) == []


@pytest.mark.parametrize(
    ("pairs", "error"),
    [
        ([(-1, "50")], StepIsInThePast),
        ([(0, "50"), (0, "60")], StepsAreOutOfOrder),
        ([(1, "50"), (2, "50")], StepDoesNotGrow),
        ([(1, "15")], StepDoesNotGrow),
        ([(1, "100.5")], NotAPercentage),
        ([(1, "20.001")], NotAPercentage),
        ([(1, "NaN")], NotAPercentage),
        ([(day, str(16 + day)) for day in range(13)], TooManySteps),
        ([], ScheduleIsEmpty),
    ],
)
def test_what_is_no_ramp_is_refused_and_changes_nothing(
    pairs: Sequence[tuple[int, str]], error: type[FinanceError]
) -> None:
    flag = make_flag()

    with pytest.raises(error):
        plan(flag, *pairs)

    flag.refresh_from_db()
    assert flag.version == 1


def test_the_same_schedule_again_is_no_change() -> None:
    flag = plan(make_flag(percent="0"), *RAMP)

    with pytest.raises(RolloutStaysTheSame):
        plan(flag, *RAMP)


def test_a_schedule_is_planned_at_the_version_that_was_seen() -> None:
    flag = make_flag(percent="0")
    admin = make_admin(flag)
    stale = Flag.objects.get(pk=flag.pk)
    plan(flag, *RAMP)

    with pytest.raises(StaleVersion):
        plan_ramp(stale, steps_of((1, "10")), version=1, reason=WHY, actor=admin)

    assert len(planned_steps(flag)) == 4


def test_a_ramp_that_was_halted_waits_until_a_person_lets_it_go_on() -> None:
    flag = plan(make_flag(percent="0"), *RAMP)
    flag.update_versioned(
        actor=make_admin(flag),
        reason=WHY,
        expected_version=flag.version,
        is_ramp_halted=True,
        halt_detail=[],
    )

    assert move_rollouts(in_days(0)) == 0
    resume_ramp(flag, version=flag.version, reason=WHY, actor=make_admin(flag))

    assert move_rollouts(in_days(0)) == 1


def test_every_organization_begins_with_the_flags_of_the_application() -> None:
    organization = make_organization()

    move_rollouts()
    move_rollouts()

    flag = organization.flags.get()
    assert (flag.name, flag.percent) == ("financial-approval-v2", 15)
