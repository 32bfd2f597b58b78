"""Whose turn it is: tasks are opened step by step, and closed when nobody needs them.

A seat of a step is a person who was asked at submission. It is filled by that person's task
or by the one that was added for it by escalation, whichever is approved first.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from apps.approvals.domain.steps import carried_over, is_complete, steps_in_turn
from apps.approvals.models import ApprovalTask
from apps.approvals.words import DecisionKind, TaskState

if TYPE_CHECKING:
    from datetime import datetime

    from apps.approvals.models import ApprovalRequest, FlowStep


@dataclass(slots=True)
class Seats:
    """The seats of a request by step, each named by its person, and which are filled."""

    people: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    approved: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    # Tasks that are open although another one has filled their seat.
    idle: list[int] = field(default_factory=list)


def take_turns(request: ApprovalRequest) -> bool:
    """Open the tasks whose turn has come; say whether every step is complete.

    Tasks of complete steps and of filled seats that nobody did are closed. Who approved
    before and need not be asked again, by the rule of the step, has approved. The request is
    locked. Nobody's turn comes before the credit is known that a step depends on.
    """
    steps = _without_needless({step.pk: step for step in request.flow.steps.all()}, request)
    if steps is None:
        return False
    while True:
        seats = seats_of(request)
        met = [step.facts() for step in steps.values() if step.pk in seats.people]
        done = [
            one.id
            for one in met
            if is_complete(one, seats.people[one.id], seats.approved[one.id])
        ]
        left = request.tasks.filter(state=TaskState.OPEN)
        (left.filter(step__in=done) | left.filter(pk__in=seats.idle)).update(
            state=TaskState.CLOSED
        )
        turn = steps_in_turn(met, seats.people, seats.approved)
        has_carried = [_begin(steps[one.id], request, seats.people[one.id]) for one in turn]
        if not any(has_carried):
            return not turn


def _without_needless(
    steps: dict[int, FlowStep], request: ApprovalRequest
) -> dict[int, FlowStep] | None:
    """Return the steps without those that good credit saves; None while credit is asked."""
    doubting = [key for key, step in steps.items() if step.checks_credit]
    tasks = request.tasks.filter(step__in=doubting)
    if not doubting or not tasks.exists():
        return steps
    findings = list(request.credit_findings.values_list("needs_person", flat=True))
    if any(findings):
        return steps
    if not findings:
        return None
    tasks.filter(state=TaskState.PLANNED).update(state=TaskState.CLOSED)
    return {key: step for key, step in steps.items() if key not in doubting}


def seats_of(request: ApprovalRequest) -> Seats:
    """Return the seats of a request as they are now."""
    seats = Seats()
    tasks = list(request.tasks.select_related("escalated_for"))
    for task in tasks:
        seats.people[task.step_id].add(seat_of(task))
        if task.state == TaskState.APPROVED:
            seats.approved[task.step_id].add(seat_of(task))
    seats.idle = [
        task.pk
        for task in tasks
        if task.state == TaskState.OPEN and seat_of(task) in seats.approved[task.step_id]
    ]
    return seats


def seat_of(task: ApprovalTask) -> int:
    """Return the person whose seat a task is about."""
    return task.escalated_for.person_id if task.escalated_for else task.person_id


def _begin(step: FlowStep, request: ApprovalRequest, people: set[int]) -> bool:
    """Open the planned tasks of a step; say whether earlier approvals counted in it."""
    planned = request.tasks.filter(step=step, state=TaskState.PLANNED)
    decisions = request.decisions.filter(kind=DecisionKind.APPROVE)
    before = set(decisions.values_list("actor", flat=True))
    carried = planned.filter(person__in=carried_over(step.facts(), people, before))
    has_carried = bool(carried.update(state=TaskState.APPROVED))
    now = timezone.now()
    planned.update(
        state=TaskState.OPEN,
        opened_at=now,
        due_at=hours_after(step.sla_hours, now),
        escalate_at=hours_after(step.escalate_after, now),
    )
    return has_carried


def hours_after(hours: int | None, now: datetime) -> datetime | None:
    """Return the moment some hours of the clock later; None for no hours."""
    return None if hours is None else now + timedelta(hours=hours)
