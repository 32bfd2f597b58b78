"""Escalation: where a step waits too long, one more person is asked; nothing is approved.

Whoever is added shares the seat of the task that waited: of the two one approval counts. A
step gets no more people than it still needs approvals.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog
from django.db.models import Count, Q
from django.utils import timezone

from apps.approvals.domain.steps import people_needed
from apps.approvals.models import ApprovalTask
from apps.approvals.services.asking import able_among
from apps.approvals.services.requests import lock_open, note
from apps.approvals.services.subjects import subject_service
from apps.approvals.services.turns import hours_after, seats_of
from apps.approvals.words import DecisionKind, RequestState, TaskState
from apps.core.errors import FinanceError
from apps.core.operation import operation
from apps.organizations.models import RoleAssignment, User
from apps.organizations.permissions import Role
from apps.organizations.services.people import system_user_of

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from apps.approvals.models import ApprovalRequest, FlowStep

log = structlog.get_logger(__name__)
# When nobody can be added, somebody may have been hired by then.
_LOOK_AGAIN = timedelta(hours=1)


def escalate_due(now: datetime | None = None) -> int:
    """Add a person to every seat that waited too long; return how many were added.

    Safe to run twice and beside itself: a task is escalated under the lock of its request.
    The clocks of a request whose maker was asked something stand still.
    """
    now = now or timezone.now()
    tasks = _due(now).select_related("request__organization").order_by("request", "pk")
    return sum(_escalate_or_go_on(task, now) for task in tasks)


def _due(now: datetime) -> QuerySet[ApprovalTask]:
    return ApprovalTask.objects.filter(
        state=TaskState.OPEN,
        escalate_at__lte=now,
        request__state=RequestState.OPEN,
        request__asked_at=None,
    )


def _escalate_or_go_on(task: ApprovalTask, now: datetime) -> bool:
    try:
        return _escalate(task, now)
    except FinanceError as error:
        # It was decided meanwhile, or its subject went back to the maker past the round.
        log.info("approval.not_escalated", task=task.pk, code=error.code)
        return False


def _escalate(task: ApprovalTask, now: datetime) -> bool:
    system = system_user_of(task.request.organization)
    with operation("approval.escalate", actor=system):
        request = lock_open(task.request)
        found = _due(now).select_related("step").filter(pk=task.pk)
        if not found:
            return False
        step = found[0].step
        if not _needs_more(step, request):
            found.update(escalate_at=None)
            return False
        person = _whom_to_add(step, request)
        if person is None:
            log.warning("approval.nobody_to_escalate_to", task=task.pk, step=step.name)
            found.update(escalate_at=now + _LOOK_AGAIN)
            return False
        added = ApprovalTask.objects.create(
            request=request,
            step=step,
            person=person,
            state=TaskState.OPEN,
            opened_at=now,
            due_at=hours_after(step.sla_hours, now),
            escalated_for=task,
        )
        note(request, DecisionKind.ESCALATE, actor=system, task=added)
        found.update(escalate_at=None)
    return True


def _needs_more(step: FlowStep, request: ApprovalRequest) -> bool:
    """Say whether the step lacks more approvals than people were added for."""
    seats = seats_of(request)
    lacking = people_needed(step.facts(), seats.people[step.pk]) - len(seats.approved[step.pk])
    added = request.tasks.filter(
        step=step, state=TaskState.OPEN, escalated_for__state=TaskState.OPEN
    )
    return added.count() < lacking


def _whom_to_add(step: FlowStep, request: ApprovalRequest) -> User | None:
    """Return who may approve it, is not asked yet, and has the least to do."""
    read = subject_service(request.subject_kind).read(request.subject_id)
    facts = replace(read, amount=request.counted_amount)
    asked = set(request.tasks.filter(step=step).values_list("person", flat=True))
    able = able_among(_named(step), request.subject_kind, facts)
    free = set(able) - asked - {request.maker_id}
    waiting = Count("approval_tasks", filter=Q(approval_tasks__state=TaskState.OPEN))
    people = User.objects.filter(pk__in=free).annotate(waiting=waiting)
    return people.order_by("waiting", "pk").first()


def _named(step: FlowStep) -> list[int]:
    if step.escalate_to_id:
        return [step.escalate_to_id]
    holders = RoleAssignment.objects.of_roles([Role(step.escalate_role)])
    return list(holders.values_list("user", flat=True))
