"""What a person last saw of a subject, and what changed since."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from apps.approvals.models import RequestView
from apps.approvals.services.subjects import subject_service

if TYPE_CHECKING:
    from apps.approvals.models import ApprovalRequest
    from apps.ledgers.services.history import Change
    from apps.organizations.models import User


def mark_seen(request: ApprovalRequest, viewer: User) -> None:
    """Remember that the viewer sees the content of a request now."""
    RequestView.objects.bulk_create(
        [
            RequestView(
                subject_kind=request.subject_kind,
                subject_id=request.subject_id,
                person=viewer,
                request=request,
                content_hash=request.content_hash,
                amount=request.amount,
                seen_at=timezone.now(),
            )
        ],
        update_conflicts=True,
        unique_fields=("person", "subject_kind", "subject_id"),
        update_fields=("request", "content_hash", "amount", "seen_at"),
    )


def changes_since_seen(request: ApprovalRequest, viewer: User) -> list[Change]:
    """Return what of the content changed since the viewer looked; nothing if never before.

    Ask before `mark_seen`.
    """
    seen = RequestView.objects.filter(
        person=viewer, subject_kind=request.subject_kind, subject_id=request.subject_id
    ).first()
    changes = subject_service(request.subject_kind).changes
    if seen is None or changes is None or seen.content_hash == request.content_hash:
        return []
    return changes(request.subject_id, seen.seen_at)
