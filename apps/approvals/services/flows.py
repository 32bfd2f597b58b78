"""Flows: written as a draft with all their steps, made active, retired; and chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError
from django.db.models import Q

from apps.approvals.errors import (
    FlowHasNoSteps,
    FlowIsActiveAlready,
    FlowIsTheLast,
    IllegalFlowStep,
    NoFlow,
)
from apps.approvals.models import ApprovalFlow, FlowStep
from apps.approvals.words import ENTRY_KINDS, FlowState, SubjectKind
from apps.core.errors import Forbidden
from apps.core.operation import operation
from apps.organizations.access import require, tenant_of
from apps.organizations.permissions import Permission
from apps.rollout.services.decisions import Choice, choose
from apps.rollout.words import FINANCIAL_APPROVAL_V2

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from apps.ledgers.models import Ledger
    from apps.organizations.models import Department, User

BEFORE, ROLLED_OUT = "v1", "v2"
_BEFORE = {
    FlowState.ACTIVE: FlowState.DRAFT,
    FlowState.RETIRED: FlowState.ACTIVE,
    FlowState.DROPPED: FlowState.DRAFT,
}


@dataclass(frozen=True, slots=True)
class Scope:
    """What a flow is chosen by."""

    organization_id: int
    ledger: Ledger | None
    department: Department | None


def create_flow(
    kind: str, word: str, steps: Sequence[FlowStep], *, actor: User, **scope: Any
) -> ApprovalFlow:
    """Write a flow of the actor's organization with its steps; it does nothing yet.

    `scope` narrows it to a `ledger`, a `department` or both.

    Raises:
        Forbidden: the actor does not manage the organization.
        FlowHasNoSteps: there are none that ask somebody whatever the credit is.
    """
    require(actor, Permission.ORGANIZATION_MANAGE)
    if all(step.checks_credit for step in steps):
        raise FlowHasNoSteps
    with operation("approval_flow.create", actor=actor):
        return write_flow(tenant_of(actor), kind, word, steps, actor=actor, **scope)


def activate_flow(flow: ApprovalFlow, *, version: int, actor: User) -> ApprovalFlow:
    """Let submissions take the flow from now on; it never changes any more.

    The flow that it replaces, of the same version and for the same subjects, is retired.

    Raises:
        Forbidden: the actor does not manage the organization of the flow.
        FlowIsActiveAlready: somebody activated another one at the same moment.
        IllegalFlowStep, StaleVersion: it is not a draft any more.
    """
    require_manager(flow, actor)
    try:
        with operation("approval_flow.activate", actor=actor):
            for replaced in replaced_by(flow):
                move_flow(replaced, FlowState.RETIRED, version=replaced.version, actor=actor)
            return move_flow(flow, FlowState.ACTIVE, version=version, actor=actor)
    except IntegrityError as error:
        raise FlowIsActiveAlready(word=flow.word) from error


def replaced_by(flow: ApprovalFlow) -> QuerySet[ApprovalFlow]:
    """Return the active flow, if any, whose place a draft would take."""
    return ApprovalFlow.objects.filter(
        organization=flow.organization_id,
        subject_kind=flow.subject_kind,
        ledger=flow.ledger_id,
        department=flow.department_id,
        word=flow.word,
        state=FlowState.ACTIVE,
    )


def retire_flow(flow: ApprovalFlow, *, version: int, actor: User) -> ApprovalFlow:
    """Take no new submissions; what runs goes on as it began.

    Raises:
        Forbidden, IllegalFlowStep, StaleVersion: see `activate_flow`.
        FlowIsTheLast: without it nobody would be asked in some department.
    """
    require_manager(flow, actor)
    if is_the_last(flow):
        raise FlowIsTheLast
    return move_flow(flow, FlowState.RETIRED, version=version, actor=actor)


def has_flows(kind: str, organization_id: int) -> bool:
    """Say whether a kind takes flows in an organization; once it did, it always does."""
    flows = ApprovalFlow.objects.filter(
        organization=organization_id, subject_kind__in=kinds_of_flows(kind)
    )
    return flows.filter(state__in=(FlowState.ACTIVE, FlowState.RETIRED)).exists()


def kinds_of_flows(kind: str) -> tuple[str, ...]:
    """Return the kinds of flows that a kind of subject takes, the first that fits first.

    A special entry without a flow of its own takes that of every entry: else who writes it
    would choose an easier way by its word.
    """
    return (kind,) if kind not in ENTRY_KINDS[1:] else (kind, SubjectKind.JOURNAL_ENTRY)


def flow_for(kind: str, scope: Scope) -> tuple[ApprovalFlow, Choice]:
    """Return the flow that a subject takes now, and what the rollout said.

    The flow of ledger and department beats that of the ledger, then of the department, then
    of the organization. A department that gets what is new where nobody wrote it stays with
    what was before. Flows of the kind itself beat those that it falls back to.

    Raises:
        NoFlow: none is active.
    """
    choice = choose(FINANCIAL_APPROVAL_V2, scope.department)
    words = [ROLLED_OUT, BEFORE] if choice.is_on else [BEFORE]
    return active_flow(kind, scope, words), choice


def active_flow(kind: str, scope: Scope, words: Sequence[str]) -> ApprovalFlow:
    """Return the flow of the first of the words that a subject can take.

    Raises:
        NoFlow: none is active.
    """
    kinds = kinds_of_flows(kind)
    active = ApprovalFlow.objects.filter(
        Q(ledger=None) | Q(ledger=scope.ledger),
        Q(department=None) | Q(department=scope.department),
        organization_id=scope.organization_id,
        subject_kind__in=kinds,
        state=FlowState.ACTIVE,
        word__in=words,
    )
    found = sorted(
        active,
        key=lambda flow: (
            kinds.index(flow.subject_kind),
            words.index(flow.word),
            flow.ledger_id is None,
            flow.department_id is None,
        ),
    )
    if not found:
        raise NoFlow
    return found[0]


def move_flow(
    flow: ApprovalFlow, state: FlowState, *, version: int, actor: User
) -> ApprovalFlow:
    """Take a flow one state further, whoever may do so.

    Raises:
        IllegalFlowStep, StaleVersion: it is not in the state before.
    """
    if flow.state != _BEFORE[state]:
        raise IllegalFlowStep(state=flow.get_state_display())
    with operation(f"approval_flow.{state}", actor=actor):
        return flow.update_versioned(
            actor=actor, reason=state, expected_version=version, state=state
        )


def write_flow(
    organization_id: int,
    kind: str,
    word: str,
    steps: Sequence[FlowStep],
    *,
    actor: User,
    **scope: Any,
) -> ApprovalFlow:
    """Write a draft with its steps, whoever may do so."""
    flow = ApprovalFlow.create_versioned(
        actor=actor, organization_id=organization_id, subject_kind=kind, word=word, **scope
    )
    for step in steps:
        step.flow = flow
    FlowStep.objects.bulk_create(steps)
    return flow


def is_the_last(flow: ApprovalFlow) -> bool:
    """Say whether some department would have no flow without this one: it is only replaced."""
    return _is_for_all(flow) and not _has_fallback(flow)


def _is_for_all(flow: ApprovalFlow) -> bool:
    return flow.word == BEFORE and flow.ledger_id is None and flow.department_id is None


def _has_fallback(flow: ApprovalFlow) -> bool:
    """Say whether subjects of the kind take another flow when this one is retired."""
    others = ApprovalFlow.objects.filter(
        organization=flow.organization_id,
        subject_kind__in=kinds_of_flows(flow.subject_kind)[1:],
        state=FlowState.ACTIVE,
        word=BEFORE,
        ledger=None,
        department=None,
    )
    return others.exists()


def require_manager(flow: ApprovalFlow, actor: User) -> None:
    """Refuse everybody who does not manage the organization of a flow."""
    require(actor, Permission.ORGANIZATION_MANAGE)
    if actor.organization_id != flow.organization_id:
        raise Forbidden
