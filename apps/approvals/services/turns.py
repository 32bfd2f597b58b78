"""Whose turn it is: tasks are opened step by step, and closed when nobody needs them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from django.utils import timezone

from apps.approvals.domain.steps import carried_over, is_complete, steps_in_turn
from apps.approvals.words import DecisionKind, TaskState

if TYPE_CHECKING:
    from apps.approvals.domain.steps import Step
    from apps.approvals.models import ApprovalRequest


def take_turns(request: ApprovalRequest) -> bool:
    """Open the tasks whose turn has come; say whether every step is complete.

    Tasks of complete steps that nobody did are closed. Who approved before and need not be
    asked again, by the rule of the step, has approved. The request is locked.
    """
    steps = [step.facts() for step in request.flow.steps.all()]
    while True:
        people, approved = _people(request)
        met = [step for step in steps if step.id in people]
        done = [one.id for one in met if is_complete(one, people[one.id], approved[one.id])]
        request.tasks.filter(step__in=done, state=TaskState.OPEN).update(state=TaskState.CLOSED)
        turn = steps_in_turn(met, people, approved)
        has_carried = [_begin(step, request, people[step.id]) for step in turn]
        if not any(has_carried):
            return not turn


def _people(request: ApprovalRequest) -> tuple[dict[int, set[int]], dict[int, set[int]]]:
    people: dict[int, set[int]] = defaultdict(set)
    approved: dict[int, set[int]] = defaultdict(set)
    for step, person, state in request.tasks.values_list("step", "person", "state"):
        people[step].add(person)
        if state == TaskState.APPROVED:
            approved[step].add(person)
    return people, approved


def _begin(step: Step, request: ApprovalRequest, people: set[int]) -> bool:
    """Open the planned tasks of a step; say whether earlier approvals counted in it."""
    planned = request.tasks.filter(step=step.id, state=TaskState.PLANNED)
    decisions = request.decisions.filter(kind=DecisionKind.APPROVE)
    before = set(decisions.values_list("actor", flat=True))
    carried = planned.filter(person__in=carried_over(step, people, before))
    has_carried = bool(carried.update(state=TaskState.APPROVED))
    planned.update(state=TaskState.OPEN, opened_at=timezone.now())
    return has_carried
