"""Rounds: opened at submission, withdrawn by the maker, void when the content changes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from apps.approvals.errors import (
    DecisionReasonIsMissing,
    NotTheApprover,
    NotTheRequester,
    RequestIsClosed,
)
from apps.approvals.models import ApprovalDecision, ApprovalRequest, ApprovalTask
from apps.approvals.services.asking import flow_and_people
from apps.approvals.services.credit_bell import begin_credit
from apps.approvals.services.splitting import Part, part_of
from apps.approvals.services.subjects import subject_service
from apps.approvals.services.turns import take_turns
from apps.approvals.words import DecisionKind, RequestState, TaskState
from apps.core.operation import operation
from apps.core.text import clean_text
from apps.rollout.services.decisions import Choice, Subject, record_exposure

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from apps.approvals.models import ApprovalFlow
    from apps.approvals.services.subjects import SubjectFacts
    from apps.organizations.models import User


def open_request(kind: str, subject_id: int, *, actor: User) -> ApprovalRequest:
    """Begin a round for a subject that its maker has submitted.

    Policy, people, content and the version of the flow are kept as they are now. A round that
    is still open, over another content, becomes void.

    Raises:
        NotTheRequester: somebody else made it.
        NoFlow, NobodyToAsk: nobody could approve it.
        IllegalStep: it is not submitted.
    """
    with operation("approval.submit", actor=actor):
        service = subject_service(kind)
        service.lock(subject_id)
        facts = service.read(subject_id)
        if facts.maker.pk != actor.pk:
            raise NotTheRequester
        void_round(kind, subject_id, actor=actor)
        return _begin(kind, facts, actor)


def take_back_round(request: ApprovalRequest, *, actor: User, reason: str) -> ApprovalRequest:
    """Undo an approval whose subject was taken back; return the round that follows.

    The subject is submitted again by then. The decisions stay, with the one that undoes them.

    Raises:
        DecisionReasonIsMissing: there is no reason.
        RequestIsClosed: it is not approved, or was taken back already; it says by whom.
        NotTheApprover: the actor did not approve it.
        NoFlow, NobodyToAsk: nobody could approve it any more.
        IllegalStep: it is not submitted.
    """
    reason = clean_text(reason, field="reason")[:500]
    if not reason:
        raise DecisionReasonIsMissing(field="reason")
    with operation("approval.unapprove", actor=actor, reason=reason):
        service = subject_service(request.subject_kind)
        service.lock(request.subject_id)
        request = ApprovalRequest.objects.select_for_update(no_key=True).get(pk=request.pk)
        if request.state != RequestState.APPROVED:
            raise closed(request)
        if not request.decisions.filter(kind=DecisionKind.APPROVE, actor=actor).exists():
            raise NotTheApprover
        note(request, DecisionKind.UNAPPROVE, actor=actor, reason=reason)
        request.update_versioned(
            actor=actor,
            reason="unapprove",
            expected_version=request.version,
            state=RequestState.UNDONE,
        )
        facts = service.read(request.subject_id)
        return _begin(request.subject_kind, facts, actor, reason=reason)


def ask_anew(kind: str, subject_id: int, *, actor: User, reason: str) -> ApprovalRequest:
    """Begin a first round for what was approved as a part of something else, and taken back.

    Raises:
        NoFlow, NobodyToAsk: nobody could approve it any more.
        IllegalStep: it is not submitted.
    """
    with operation("approval.unapprove", actor=actor, reason=reason):
        service = subject_service(kind)
        service.lock(subject_id)
        return _begin(kind, service.read(subject_id), actor, reason=reason[:500])


def _begin(kind: str, facts: SubjectFacts, actor: User, *, reason: str = "") -> ApprovalRequest:
    part = part_of(kind, facts)
    counted = replace(facts, amount=facts.amount.copy_abs() + part.amount_beside)
    flow, asked, choice = flow_and_people(kind, counted)
    request = _create(kind, facts, part, (flow, choice), actor)
    ApprovalTask.objects.bulk_create(
        ApprovalTask(request=request, step=step, person_id=person, state=TaskState.PLANNED)
        for step, people in asked.items()
        for person in people
    )
    note(request, DecisionKind.SUBMIT, actor=actor, reason=reason)
    subject = Subject("approval_request", str(request.pk))
    record_exposure(choice, facts.maker.department, subject, actor=actor)
    if any(step.checks_credit for step in asked):
        begin_credit(request)
    take_turns(request)
    return request


def withdraw_request(
    request: ApprovalRequest, *, actor: User, reason: str = ""
) -> ApprovalRequest:
    """Take a subject back before it is decided; it is a draft again.

    Raises:
        NotTheRequester: somebody else made it.
        RequestIsClosed: somebody was faster.
    """
    if request.maker_id != actor.pk:
        raise NotTheRequester
    with operation("approval.withdraw", actor=actor):
        request = lock_open(request)
        note(request, DecisionKind.WITHDRAW, actor=actor, reason=reason[:500])
        close_request(request, RequestState.WITHDRAWN, actor=actor)
        subject_service(request.subject_kind).withdraw(request.subject_id, actor, reason)
    return request


def void_round(kind: str, subject_id: int, *, actor: User) -> None:
    """End the open round of a subject whose content has changed, if there is one."""
    void_requests(
        ApprovalRequest.objects.filter(subject_kind=kind, subject_id=subject_id), actor=actor
    )


def void_requests(rounds: QuerySet[ApprovalRequest], *, actor: User) -> None:
    """End those of the rounds that are still open."""
    with operation("approval.void", actor=actor):
        still_open = rounds.filter(state=RequestState.OPEN)
        for request in still_open.select_for_update(no_key=True):
            note(request, DecisionKind.VOID, actor=actor)
            close_request(request, RequestState.VOID, actor=actor)


def lock_open(request: ApprovalRequest) -> ApprovalRequest:
    """Lock subject and request until the transaction ends; return the request as it is now.

    Whoever comes second waits here, and is told.

    Raises:
        RequestIsClosed: somebody was faster; it says who.
    """
    subject_service(request.subject_kind).lock(request.subject_id)
    request = ApprovalRequest.objects.select_for_update(no_key=True).get(pk=request.pk)
    if request.state != RequestState.OPEN:
        raise closed(request)
    return request


def closed(request: ApprovalRequest) -> RequestIsClosed:
    """Return the refusal that tells who closed a request, and how."""
    last = request.decisions.select_related("actor").last()
    person = last.actor.display_name() if last else ""
    return RequestIsClosed(person=person, state=request.get_state_display())


def close_request(request: ApprovalRequest, state: RequestState, *, actor: User) -> None:
    """Close a locked request, and the tasks that nobody needs to do any more."""
    left = request.tasks.filter(state__in=(TaskState.PLANNED, TaskState.OPEN))
    left.update(state=TaskState.CLOSED)
    request.update_versioned(
        actor=actor,
        reason=state,
        expected_version=request.version,
        state=state,
        closed_at=timezone.now(),
    )


def note(
    request: ApprovalRequest, kind: DecisionKind, *, actor: User, **values: Any
) -> ApprovalDecision:
    """Write down for ever what somebody did with a request."""
    values.setdefault("decided_on", timezone.localdate())
    return ApprovalDecision.objects.create(request=request, kind=kind, actor=actor, **values)


def _kept(choice: Choice) -> dict[str, Any]:
    return {
        "is_on": choice.is_on,
        "bucket": choice.bucket,
        "percent": str(choice.percent),
        "reason": str(choice.reason),
        "flag_version": choice.flag_version,
    }


def _create(
    kind: str, facts: SubjectFacts, part: Part, way: tuple[ApprovalFlow, Choice], actor: User
) -> ApprovalRequest:
    flow, choice = way
    return ApprovalRequest.create_versioned(
        actor=actor,
        reason="submit",
        organization_id=facts.organization_id,
        subject_kind=kind,
        subject_id=facts.id,
        flow=flow,
        choice=_kept(choice),
        maker=facts.maker,
        department=facts.maker.department,
        policy_id=facts.policy_id,
        amount=facts.amount,
        amount_beside=part.amount_beside,
        counterparties=list(part.counterparties),
        submitted_on=part.submitted_on,
        currency_id=facts.currency_id,
        content_hash=facts.content_hash,
    )
