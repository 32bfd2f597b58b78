"""Deciding: one person answers one task, for the person asked or as a stand-in.

Of two who decide at once the first wins, by the row count of one UPDATE; the other is told
who it was.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from apps.approvals.errors import (
    AboveAuthority,
    ApprovedThisStepAlready,
    ContentHasChanged,
    DecisionReasonIsMissing,
    MakerNeverDecides,
    TaskIsNotOpen,
)
from apps.approvals.models import ApprovalDecision, ApprovalRequest, ApprovalTask
from apps.approvals.services.decision_events import tell_of_decision
from apps.approvals.services.requests import close_request, lock_open, note, void_requests
from apps.approvals.services.subjects import (
    NOT_AT_ALL,
    SubjectFacts,
    is_within,
    subject_service,
)
from apps.approvals.services.turns import take_turns
from apps.approvals.services.ways import way_of
from apps.approvals.words import VERDICTS, DecisionKind, RequestState, TaskState
from apps.core.errors import FinanceError, Forbidden
from apps.core.operation import operation
from apps.core.text import clean_text

if TYPE_CHECKING:
    from apps.organizations.models import User

_TASK_AFTER = {
    DecisionKind.APPROVE: TaskState.APPROVED,
    DecisionKind.REJECT: TaskState.REJECTED,
    DecisionKind.RETURN: TaskState.RETURNED,
}
_ROUND_AFTER = {
    DecisionKind.REJECT: RequestState.REJECTED,
    DecisionKind.RETURN: RequestState.RETURNED,
}


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one of many tasks; no error: it is decided."""

    task: ApprovalTask
    error: FinanceError | None = None


def decide(
    task: ApprovalTask, verdict: DecisionKind, *, actor: User, reason: str = ""
) -> ApprovalRequest:
    """Answer a task: the last approval that is needed approves the subject, one No ends it.

    A rejection says No; a return gives the subject back to its maker to be mended.

    Raises:
        MakerNeverDecides, NotYourTask: the actor is not who may answer.
        Forbidden, AboveAuthority: the actor's roles or limits do not reach so far.
        ApprovedThisStepAlready: the actor answered for somebody else in this step.
        RequestIsClosed, TaskIsNotOpen: somebody was faster; it says who.
        ContentHasChanged: it is not what was submitted; the round is void now.
        DecisionReasonIsMissing: a rejection or a return without a reason.
    """
    reason = clean_text(reason, field="reason")[:500]
    if verdict in _ROUND_AFTER and not reason:
        raise DecisionReasonIsMissing(field="reason")
    if task.request.maker_id == actor.pk:
        raise MakerNeverDecides
    try:
        with operation(f"approval.{verdict}", actor=actor, reason=reason):
            return _decide(task, verdict, actor, reason)
    except ContentHasChanged:
        void_requests(ApprovalRequest.objects.filter(pk=task.request_id), actor=actor)
        raise


def return_request(task: ApprovalTask, reason: str, *, actor: User) -> ApprovalRequest:
    """Give a subject back to its maker without rejecting it; it is a draft again.

    Raises:
        DecisionReasonIsMissing and others: see `decide`.
    """
    return decide(task, DecisionKind.RETURN, actor=actor, reason=reason)


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
    way = way_of(task, request, actor)
    limit = _authority(request, facts, verdict, actor)
    if verdict == DecisionKind.APPROVE:
        _require_another_person(task, actor)
    open_task = ApprovalTask.objects.filter(pk=task.pk, state=TaskState.OPEN)
    if not open_task.update(state=_TASK_AFTER[verdict]):
        raise _not_open(task)
    note(request, verdict, actor=actor, task=task, way=way, limit=limit, reason=reason)
    if verdict in _ROUND_AFTER:
        close_request(request, _ROUND_AFTER[verdict], actor=actor)
        tell_of_decision(request, actor)
        returns = verdict == DecisionKind.RETURN and service.give_back
        (returns or service.reject)(request.subject_id, actor, reason)
    elif take_turns(request):
        close_request(request, RequestState.APPROVED, actor=actor)
        tell_of_decision(request, actor)
        service.approve(request.subject_id, actor, reason)
    return request


def _authority(
    request: ApprovalRequest, facts: SubjectFacts, verdict: DecisionKind, actor: User
) -> Decimal | None:
    """Return the limit of the actor, which an approval needs and a rejection does not."""
    limit = subject_service(request.subject_kind).authority(facts, actor)
    if limit == NOT_AT_ALL or actor.organization_id != request.organization_id:
        raise Forbidden
    amount = request.counted_amount
    if verdict == DecisionKind.APPROVE and not is_within(amount, limit):
        raise AboveAuthority(currency=request.currency_id, amount=amount, limit=limit)
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
    decision = now.decisions.filter(kind__in=VERDICTS).select_related("actor").first()
    person = decision.actor if decision else now.person
    return TaskIsNotOpen(state=now.get_state_display(), person=person.display_name())
