"""Flows: written as a draft with all their steps, made active, retired; and chosen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError
from django.db.models import Q

from apps.approvals.errors import (
    FlowHasNoSteps,
    FlowIsActiveAlready,
    IllegalFlowStep,
    NoFlow,
)
from apps.approvals.models import ApprovalFlow, FlowStep
from apps.approvals.words import FlowState
from apps.core.errors import Forbidden
from apps.core.operation import operation
from apps.organizations.access import require
from apps.organizations.permissions import Permission
from apps.rollout.services.decisions import Choice, choose
from apps.rollout.words import FINANCIAL_APPROVAL_V2

if TYPE_CHECKING:
    from apps.ledgers.models import Ledger
    from apps.organizations.models import Department, User

BEFORE, ROLLED_OUT = "v1", "v2"


def create_flow(
    kind: str, word: str, steps: Sequence[FlowStep], *, actor: User, **scope: Any
) -> ApprovalFlow:
    """Write a flow of the actor's organization with its steps; it does nothing yet.

    `scope` narrows it to a `ledger`, a `department` or both.

    Raises:
        Forbidden: the actor does not manage the organization.
        FlowHasNoSteps: there are none.
    """
    require(actor, Permission.ORGANIZATION_MANAGE)
    if not steps:
        raise FlowHasNoSteps
    with operation("approval_flow.create", actor=actor):
        flow = ApprovalFlow.create_versioned(
            actor=actor,
            organization_id=actor.organization_id,
            subject_kind=kind,
            word=word,
            **scope,
        )
        for step in steps:
            step.flow = flow
        FlowStep.objects.bulk_create(steps)
    return flow


def activate_flow(flow: ApprovalFlow, *, version: int, actor: User) -> ApprovalFlow:
    """Let submissions take the flow from now on; it never changes any more.

    Raises:
        Forbidden: the actor does not manage the organization of the flow.
        FlowIsActiveAlready: another one of the same version takes the same subjects.
        IllegalFlowStep, StaleVersion: it is not a draft any more.
    """
    try:
        return _move(flow, FlowState.DRAFT, FlowState.ACTIVE, version=version, actor=actor)
    except IntegrityError as error:
        raise FlowIsActiveAlready(word=flow.word) from error


def retire_flow(flow: ApprovalFlow, *, version: int, actor: User) -> ApprovalFlow:
    """Take no new submissions; what runs goes on as it began.

    Raises:
        Forbidden, IllegalFlowStep, StaleVersion: see `activate_flow`.
    """
    return _move(flow, FlowState.ACTIVE, FlowState.RETIRED, version=version, actor=actor)


def flow_for(
    kind: str, ledger: Ledger, department: Department | None
) -> tuple[ApprovalFlow, Choice]:
    """Return the flow that a subject takes now, and what the rollout said.

    The flow of ledger and department beats that of the ledger, then of the department, then
    of the organization. A department that gets what is new where nobody wrote it stays with
    what was before.

    Raises:
        NoFlow: none is active.
    """
    choice = choose(FINANCIAL_APPROVAL_V2, department)
    words = [ROLLED_OUT, BEFORE] if choice.is_on else [BEFORE]
    active = ApprovalFlow.objects.filter(
        Q(ledger=None) | Q(ledger=ledger),
        Q(department=None) | Q(department=department),
        organization_id=ledger.organization_id,
        subject_kind=kind,
        state=FlowState.ACTIVE,
        word__in=words,
    )
    found = sorted(
        active,
        key=lambda flow: (
            words.index(flow.word),
            flow.ledger_id is None,
            flow.department_id is None,
        ),
    )
    if not found:
        raise NoFlow
    return found[0], choice


def _move(
    flow: ApprovalFlow, before: FlowState, after: FlowState, *, version: int, actor: User
) -> ApprovalFlow:
    require(actor, Permission.ORGANIZATION_MANAGE)
    if actor.organization_id != flow.organization_id:
        raise Forbidden
    if flow.state != before:
        raise IllegalFlowStep(state=flow.get_state_display())
    with operation(f"approval_flow.{after}", actor=actor):
        return flow.update_versioned(
            actor=actor, reason=after, expected_version=version, state=after
        )
