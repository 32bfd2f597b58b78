"""Telling that a request was decided: approved, rejected or given back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from apps.events.services.outbox import NewEvent, emit
from apps.events.words import Topic

if TYPE_CHECKING:
    from apps.approvals.models import ApprovalRequest
    from apps.organizations.models import User


def tell_of_decision(request: ApprovalRequest, actor: User) -> None:
    """Write the event of a request that was just closed, in the running transaction."""
    closed_at = request.closed_at or timezone.now()
    seconds = int((closed_at - request.created_at).total_seconds())
    body = {
        "decided_by_id": actor.pk,
        "request_id": request.pk,
        "seconds_taken": max(seconds, 0),
        "state": str(request.state),
        "subject_id": request.subject_id,
        "subject_kind": str(request.subject_kind),
    }
    emit(
        NewEvent(
            Topic.APPROVAL_DECIDED,
            f"approval:{request.pk}",
            request.organization_id,
            body,
            closed_at,
        )
    )
