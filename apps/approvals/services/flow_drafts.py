"""Drafts of flows: a draft that is changed is written anew, and the one before is discarded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from apps.approvals.services.flows import create_flow, move_flow, require_manager
from apps.approvals.words import FlowState
from apps.core.operation import operation

if TYPE_CHECKING:
    from apps.approvals.models import ApprovalFlow, FlowStep
    from apps.organizations.models import User


def rewrite_flow(
    draft: ApprovalFlow,
    word: str,
    steps: Sequence[FlowStep],
    *,
    version: int,
    actor: User,
    **scope: Any,
) -> ApprovalFlow:
    """Put another draft in the place of one; a step that was written never changes itself.

    Raises:
        Forbidden, FlowHasNoSteps: see `create_flow`.
        IllegalFlowStep, StaleVersion: it is not the draft any more that the actor saw.
    """
    with operation("approval_flow.rewrite", actor=actor):
        discard_flow(draft, version=version, actor=actor)
        return create_flow(draft.subject_kind, word, steps, actor=actor, **scope)


def discard_flow(draft: ApprovalFlow, *, version: int, actor: User) -> ApprovalFlow:
    """Put a draft away that is not wanted any more.

    Raises:
        Forbidden: the actor does not manage the organization of the flow.
        IllegalFlowStep, StaleVersion: it is not a draft any more.
    """
    require_manager(draft, actor)
    return move_flow(draft, FlowState.DROPPED, version=version, actor=actor)
