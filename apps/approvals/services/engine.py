"""The rounds of approval that lower apps hand their subjects to; see `apps.core.rounds`."""

from __future__ import annotations

from django.urls import reverse

from apps.approvals.errors import ContentHasChanged, MakerNeverDecides, NotYourTask
from apps.approvals.models import ApprovalRequest
from apps.approvals.services.deciding import decide
from apps.approvals.services.flows import has_flows
from apps.approvals.services.import_subjects import was_approved_with_import
from apps.approvals.services.requests import (
    ask_anew,
    closed,
    open_request,
    take_back_round,
    withdraw_request,
)
from apps.approvals.services.ways import open_task_for
from apps.approvals.words import DecisionKind, RequestState, TaskState
from apps.core.rounds import OpenRound
from apps.organizations.access import tenant_of
from apps.organizations.models import User


class FlowRounds:
    """Rounds as the flows of the organization say."""

    def begin(self, kind: str, subject_id: int, *, actor: User) -> None:
        """Ask the people of the flow, if the organization has one for the kind."""
        if has_flows(kind, tenant_of(actor)):
            open_request(kind, subject_id, actor=actor)

    def approve(self, kind: str, subject_id: int, *, actor: User, reason: str = "") -> bool:
        """Approve as the person asked, or standing in; False: it never had a round.

        Raises:
            MakerNeverDecides, NotYourTask: the actor is not who may answer.
            RequestIsClosed: somebody was faster; it says who.
            ContentHasChanged: the round is void; it has to be submitted again.
            FinanceError: see `decide`.
        """
        last = _last_round(kind, subject_id)
        if last is not None and last.state == RequestState.VOID:
            raise ContentHasChanged
        return _answer(last, DecisionKind.APPROVE, actor, reason)

    def reject(self, kind: str, subject_id: int, *, actor: User, reason: str) -> bool:
        """Reject as the person asked, or standing in; False: no round stands in the way.

        Raises:
            FinanceError: see `approve`.
        """
        return _answer(_last_round(kind, subject_id), DecisionKind.REJECT, actor, reason)

    def withdraw(self, kind: str, subject_id: int, *, actor: User, reason: str = "") -> bool:
        """Take the subject back for its maker; False: no round stands in the way.

        Raises:
            RequestIsClosed: somebody was faster; it says who.
        """
        last = _last_round(kind, subject_id)
        if last is None or last.state == RequestState.VOID:
            return False
        withdraw_request(last, actor=actor, reason=reason)
        return True

    def take_back(self, kind: str, subject_id: int, *, actor: User, reason: str) -> None:
        """Undo the approval of a round, and ask anew; nothing where there was no round.

        An entry that was approved with its import asks for itself from now on.

        Raises:
            FinanceError: see `take_back_round`.
        """
        last = _last_round(kind, subject_id)
        if last is not None:
            take_back_round(last, actor=actor, reason=reason)
        elif was_approved_with_import(kind, subject_id):
            ask_anew(kind, subject_id, actor=actor, reason=reason)

    def rule_on(self, kind: str, subject_id: int) -> bool:
        """Say whether the subject ever had a round, so that nothing else decides on it."""
        return ApprovalRequest.objects.filter(subject_kind=kind, subject_id=subject_id).exists()

    def standing(self, kind: str, subject_id: int, *, reader: User) -> OpenRound | None:
        """Return who is asked now, and whether the reader is."""
        last = _last_round(kind, subject_id)
        if last is None or last.state != RequestState.OPEN:
            return None
        asked = User.objects.filter(
            approval_tasks__request=last, approval_tasks__state=TaskState.OPEN
        )
        return OpenRound(
            url=reverse("approvals:approval_detail", args=(last.pk,)),
            waits_for=tuple(
                person.display_name() for person in asked.distinct().order_by("pk")
            ),
            may_answer=_may_answer(last, reader),
        )


def _may_answer(request: ApprovalRequest, reader: User) -> bool:
    if request.maker_id == reader.pk:
        return False
    try:
        open_task_for(request, reader)
    except NotYourTask:
        return False
    return True


def _last_round(kind: str, subject_id: int) -> ApprovalRequest | None:
    rounds = ApprovalRequest.objects.filter(subject_kind=kind, subject_id=subject_id)
    # All few of them: for the last one alone the planner may walk through everybody's.
    return max(rounds, key=lambda one: one.pk, default=None)


def _answer(
    last: ApprovalRequest | None, verdict: DecisionKind, actor: User, reason: str = ""
) -> bool:
    if last is None or last.state == RequestState.VOID:
        return False
    if last.state != RequestState.OPEN:
        raise closed(last)
    if last.maker_id == actor.pk:
        raise MakerNeverDecides
    task, _way = open_task_for(last, actor)
    decide(task, verdict, actor=actor, reason=reason)
    return True
