"""Handing a single task over: a colleague is asked in place of the person who was.

The colleague sits in the seat of the person asked, as one does who was added by escalation;
the own task is closed. What a delegation does for some days, this does for one request.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from django.utils import timezone

from apps.approvals.errors import (
    CannotTakeOver,
    DecisionReasonIsMissing,
    HandedOverAlready,
    IsAskedAlready,
    MakerNeverDecides,
    TaskIsNotOpen,
)
from apps.approvals.models import ApprovalTask
from apps.approvals.services.asking import able_among
from apps.approvals.services.requests import lock_open, note
from apps.approvals.services.subjects import subject_service
from apps.approvals.services.ways import way_of
from apps.approvals.words import DecisionKind, TaskState
from apps.core.operation import operation
from apps.core.text import clean_text

if TYPE_CHECKING:
    from apps.approvals.models import ApprovalRequest
    from apps.organizations.models import User


def hand_over(task: ApprovalTask, taker: User, *, actor: User, reason: str) -> ApprovalTask:
    """Ask a colleague in place of the person who is asked; return the colleague's task.

    Raises:
        DecisionReasonIsMissing: the colleague would not know why.
        MakerNeverDecides, NotYourTask: the actor is not who may answer the task.
        CannotTakeOver: the colleague made it, or may not approve the amount.
        IsAskedAlready: the colleague has a task of the same step.
        HandedOverAlready: the task came to the actor by handing over or escalation.
        RequestIsClosed, TaskIsNotOpen: somebody was faster; it says who.
    """
    reason = clean_text(reason, field="reason")[:500]
    if not reason:
        raise DecisionReasonIsMissing(field="reason")
    if task.request.maker_id == actor.pk:
        raise MakerNeverDecides
    with operation("approval.delegate", actor=actor, reason=reason):
        request = lock_open(task.request)
        way = way_of(task, request, actor)
        task = ApprovalTask.objects.select_related("person").get(pk=task.pk)
        _require_seat(task)
        _require_able(taker, task, request)
        added = ApprovalTask.objects.create(
            request=request,
            step=task.step,
            person=taker,
            state=TaskState.OPEN,
            opened_at=timezone.now(),
            due_at=task.due_at,
            escalated_for=task,
            handed_over_by=actor,
        )
        note(request, DecisionKind.DELEGATE, actor=actor, task=added, way=way, reason=reason)
        # Both at once, or the person who is away would be asked on.
        ApprovalTask.objects.filter(pk=task.pk).update(state=TaskState.CLOSED, escalate_at=None)
    return added


def _require_seat(task: ApprovalTask) -> None:
    if task.state != TaskState.OPEN:
        person = task.person.display_name()
        raise TaskIsNotOpen(state=task.get_state_display(), person=person)
    if task.escalated_for_id or hasattr(task, "escalation"):
        raise HandedOverAlready


def _require_able(taker: User, task: ApprovalTask, request: ApprovalRequest) -> None:
    if request.tasks.filter(step=task.step_id, person=taker).exists():
        raise IsAskedAlready(field="taker", person=taker.display_name())
    read = subject_service(request.subject_kind).read(request.subject_id)
    facts = replace(read, amount=request.counted_amount)
    is_able = bool(able_among([taker.pk], request.subject_kind, facts))
    if taker.pk == request.maker_id or not is_able:
        raise CannotTakeOver(field="taker", person=taker.display_name())
