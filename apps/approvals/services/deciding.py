"""Deciding: one person answers one task, for the person asked or as a stand-in.

Of two who decide at once the first wins, by the row count of one UPDATE; the other is told
who it was.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils import timezone

from apps.approvals.domain.people import Case, way_to
from apps.approvals.errors import (
    AboveAuthority,
    ApprovedThisStepAlready,
    ContentHasChanged,
    DecisionReasonIsMissing,
    MakerNeverDecides,
    NotYourTask,
    TaskIsNotOpen,
)
from apps.approvals.models import ApprovalDecision, ApprovalRequest, ApprovalTask, Delegation
from apps.approvals.services.requests import close_request, lock_open, note, void_requests
from apps.approvals.services.subjects import (
    NOT_AT_ALL,
    SubjectFacts,
    is_within,
    subject_service,
)
from apps.approvals.services.turns import take_turns
from apps.approvals.words import DecisionKind, RequestState, TaskState
from apps.core.errors import FinanceError, Forbidden
from apps.core.operation import operation
from apps.core.text import clean_text

if TYPE_CHECKING:
    from apps.organizations.models import User

_STATES = {
    DecisionKind.APPROVE: TaskState.APPROVED,
    DecisionKind.REJECT: TaskState.REJECTED,
}


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one of many tasks; no error: it is decided."""

    task: ApprovalTask
    error: FinanceError | None = None


def decide(
    task: ApprovalTask, verdict: DecisionKind, *, actor: User, reason: str = ""
) -> ApprovalRequest:
    """Answer a task; the last approval that is needed approves the subject, one No returns it.

    Raises:
        MakerNeverDecides, NotYourTask: the actor is not who may answer.
        Forbidden, AboveAuthority: the actor's roles or limits do not reach so far.
        ApprovedThisStepAlready: the actor answered for somebody else in this step.
        RequestIsClosed, TaskIsNotOpen: somebody was faster; it says who.
        ContentHasChanged: it is not what was submitted; the round is void now.
        DecisionReasonIsMissing: a rejection without a reason.
    """
    reason = clean_text(reason, field="reason")[:500]
    if verdict == DecisionKind.REJECT and not reason:
        raise DecisionReasonIsMissing(field="reason")
    if task.request.maker_id == actor.pk:
        raise MakerNeverDecides
    try:
        with operation(f"approval.{verdict}", actor=actor, reason=reason):
            return _decide(task, verdict, actor, reason)
    except ContentHasChanged:
        void_requests(ApprovalRequest.objects.filter(pk=task.request_id), actor=actor)
        raise


def decide_many(
    tasks: Iterable[ApprovalTask], verdict: DecisionKind, *, actor: User, reason: str = ""
) -> list[Result]:
    """Answer tasks one by one; a refusal of one changes nothing for the others."""
    return [_result(task, verdict, actor, reason) for task in tasks]


def _result(task: ApprovalTask, verdict: DecisionKind, actor: User, reason: str) -> Result:
    try:
        decide(task, verdict, actor=actor, reason=reason)
    except FinanceError as error:
        return Result(task, error)
    return Result(task)


def _decide(
    task: ApprovalTask, verdict: DecisionKind, actor: User, reason: str
) -> ApprovalRequest:
    request = lock_open(task.request)
    service = subject_service(request.subject_kind)
    facts = service.read(request.subject_id)
    asked = (request.content_hash, request.policy_id)
    if (facts.content_hash, facts.policy_id) != asked:
        raise ContentHasChanged
    way = _way(task, request, actor)
    limit = _authority(request, facts, verdict, actor)
    if verdict == DecisionKind.APPROVE:
        _require_another_person(task, actor)
    open_task = ApprovalTask.objects.filter(pk=task.pk, state=TaskState.OPEN)
    if not open_task.update(state=_STATES[verdict]):
        raise _not_open(task)
    note(request, verdict, actor=actor, task=task, way=way, limit=limit, reason=reason)
    if verdict == DecisionKind.REJECT:
        close_request(request, RequestState.REJECTED, actor=actor)
        service.reject(request.subject_id, actor, reason)
    elif take_turns(request):
        close_request(request, RequestState.APPROVED, actor=actor)
        service.approve(request.subject_id, actor)
    return request


def _way(task: ApprovalTask, request: ApprovalRequest, actor: User) -> list[int]:
    today = timezone.localdate()
    rows = Delegation.objects.filter(organization=request.organization_id).in_force_on(today)
    case = Case(request.maker_id, request.amount, today)
    way = way_to(actor.pk, task.person_id, case, [row.facts() for row in rows])
    if way is None:
        raise NotYourTask
    return list(way)


def _authority(
    request: ApprovalRequest, facts: SubjectFacts, verdict: DecisionKind, actor: User
) -> Decimal | None:
    """Return the limit of the actor, which an approval needs and a rejection does not."""
    limit = subject_service(request.subject_kind).authority(facts, actor)
    if limit == NOT_AT_ALL or actor.organization_id != request.organization_id:
        raise Forbidden
    if verdict == DecisionKind.APPROVE and not is_within(request.amount, limit):
        raise AboveAuthority(currency=request.currency_id, amount=request.amount, limit=limit)
    return limit


def _require_another_person(task: ApprovalTask, actor: User) -> None:
    done = ApprovalTask.objects.filter(
        request=task.request_id, step=task.step_id, state=TaskState.APPROVED
    ).exclude(pk=task.pk)
    by_actor = ApprovalDecision.objects.filter(task__in=done, actor=actor)
    if done.filter(person=actor).exists() or by_actor.exists():
        raise ApprovedThisStepAlready


def _not_open(task: ApprovalTask) -> TaskIsNotOpen:
    now = ApprovalTask.objects.select_related("person").get(pk=task.pk)
    decision = now.decisions.select_related("actor").first()
    person = decision.actor if decision else now.person
    return TaskIsNotOpen(state=now.get_state_display(), person=person.display_name())
