"""The ramp of a flag: planned by a person, moved by beat, halted by the guardrail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from apps.core.operation import operation
from apps.organizations.access import require
from apps.organizations.permissions import Permission
from apps.organizations.services.people import system_user_of
from apps.rollout.domain.ramp import Step, problem_of, step_due
from apps.rollout.errors import RolloutStaysTheSame, ScheduleIsEmpty
from apps.rollout.models import Flag, RampStep
from apps.rollout.services.flags import change
from apps.rollout.words import BY_SCHEDULE, ChangeKind, StepState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from apps.organizations.models import User


def planned_steps(flag: Flag) -> list[RampStep]:
    """Return the steps that are still to be taken, in the order of their days."""
    return list(flag.steps.filter(state=StepState.PLANNED).order_by("starts_on"))


def steps_of(flag: Flag) -> list[RampStep]:
    """Return the steps that were taken and those still to take, by their days."""
    return list(flag.steps.exclude(state=StepState.DROPPED).order_by("starts_on", "pk"))


def plan_ramp(
    flag: Flag, steps: Sequence[Step], *, version: int, reason: str, actor: User
) -> Flag:
    """Plan steps in place of those that were planned; no steps cancel the plan.

    Raises:
        Forbidden, RolloutReasonIsMissing, StaleVersion: see `flags.change`.
        TooManySteps, NotAPercentage, StepIsInThePast, StepsAreOutOfOrder, StepDoesNotGrow:
            the steps are no ramp.
        ScheduleIsEmpty, RolloutStaysTheSame: there is nothing to change.
    """
    require(actor, Permission.ROLLOUT_MANAGE)
    problem = problem_of(steps, today=timezone.localdate(), percent=flag.percent)
    if problem is not None:
        raise problem
    with operation("rollout.schedule", actor=actor, reason=reason):
        changed = change(
            flag,
            ChangeKind.SCHEDULE,
            version=version,
            reason=reason,
            actor=actor,
            change_detail={"steps": _in_texts(steps)},
        )
        _replace(changed, steps, actor=actor)
    return changed


def resume_ramp(flag: Flag, *, version: int, reason: str, actor: User) -> Flag:
    """Let a ramp that the guardrail halted go on; the guardrail judges again.

    Raises:
        Forbidden, RolloutReasonIsMissing, StaleVersion: see `flags.change`.
        RolloutStaysTheSame: it is not halted.
    """
    require(actor, Permission.ROLLOUT_MANAGE)
    if not flag.is_ramp_halted:
        raise RolloutStaysTheSame
    return change(
        flag,
        ChangeKind.RESUMED,
        version=version,
        reason=reason,
        actor=actor,
        is_ramp_halted=False,
        halt_detail=[],
    )


def take_step_due(flag: Flag, today: date) -> Flag | None:
    """Take the step that holds today, as the system; None where nothing is due.

    Steps that an outage skipped are done with it. Whoever moves it at the same time loses
    by the version.

    Raises:
        StaleVersion: somebody else changed the flag.
    """
    planned = planned_steps(flag)
    due = step_due([Step(step.starts_on, step.percent) for step in planned], today)
    if due is None:
        return None
    actor = system_user_of(flag.organization)
    with operation("rollout.ramp", actor=actor, reason=BY_SCHEDULE):
        changed = change(
            flag,
            ChangeKind.RAMP,
            version=flag.version,
            reason=BY_SCHEDULE,
            actor=actor,
            change_detail={"steps": _in_texts([due])},
            # A person may have gone further by hand: a ramp takes no department back.
            percent=max(flag.percent, due.percent),
        )
        for step in planned:
            if step.starts_on <= due.starts_on:
                _end(step, StepState.DONE, actor=actor, reason=BY_SCHEDULE)
    return changed


def _in_texts(steps: Sequence[Step]) -> list[list[str]]:
    return [[f"{step.starts_on:%Y-%m-%d}", str(step.percent)] for step in steps]


def _replace(flag: Flag, steps: Sequence[Step], *, actor: User) -> None:
    planned = planned_steps(flag)
    before = [Step(step.starts_on, step.percent) for step in planned]
    if not steps and not planned:
        raise ScheduleIsEmpty
    if list(steps) == before:
        raise RolloutStaysTheSame
    for step in planned:
        _end(step, StepState.DROPPED, actor=actor, reason=flag.change_reason)
    rows = [RampStep(flag=flag, percent=s.percent, starts_on=s.starts_on) for s in steps]
    RampStep.create_many_versioned(rows, actor=actor, reason=flag.change_reason)


def _end(step: RampStep, state: StepState, *, actor: User, reason: str) -> None:
    step.update_versioned(
        actor=actor,
        reason=reason,
        expected_version=step.version,
        state=state,
        done_at=timezone.now() if state == StepState.DONE else None,
    )
