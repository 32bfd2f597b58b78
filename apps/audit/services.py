"""Writing to the operation log what no table shows: sign-ins, exports, drafted lines."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from apps.audit.models import OperationLog
from apps.core.trace import current_trace_id

if TYPE_CHECKING:
    from apps.organizations.models import User


def record_event(
    kind: str,
    *,
    actor: User | None,
    resource: tuple[str, object],
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> OperationLog:
    """Write that something happened to a resource, given as (type, id)."""
    return OperationLog.objects.create(
        operation_id=uuid.uuid4(),
        kind=kind,
        action=OperationLog.Action.EVENT,
        actor=actor,
        actor_name=actor.get_username() if actor else "",
        organization_id=actor.organization_id if actor else None,
        resource_type=resource[0],
        resource_id=str(resource[1]),
        before=before,
        after=after,
        trace_id=current_trace_id(),
        database_user="application",
        at=timezone.now(),
    )
