"""Writing to the operation log what no table shows: sign-ins, exports, drafted lines."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from apps.audit.models import OperationLog
from apps.core.masking import mask_text
from apps.core.trace import current_trace_id
from apps.organizations.models import User

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest

_LONGEST_ID = 40


def record_event(
    kind: str,
    *,
    actor: User | None,
    resource: tuple[str, object],
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    organization_id: int | None = None,
) -> OperationLog:
    """Write that something happened to a resource, given as (type, id).

    It belongs to the actor's organization unless another is named.
    """
    return OperationLog.objects.create(
        operation_id=uuid.uuid4(),
        kind=kind,
        action=OperationLog.Action.EVENT,
        actor=actor,
        actor_name=actor.get_username() if actor else "",
        organization_id=organization_id or (actor.organization_id if actor else None),
        resource_type=resource[0],
        resource_id=str(resource[1])[:_LONGEST_ID],
        before=before,
        after=after,
        trace_id=current_trace_id(),
        database_user="application",
        at=timezone.now(),
    )


def record_sign_in(
    *, user: User, request: HttpRequest | None = None, **_kwargs: object
) -> None:
    """Write that somebody signed in, and from where."""
    record_event(
        "session.sign_in",
        actor=user,
        resource=("session", user.username),
        after=_origin(request),
    )


def record_sign_out(
    *, user: User | None, request: HttpRequest | None = None, **_kwargs: object
) -> None:
    """Write that somebody signed out; a session that had ended before is no news."""
    if user is not None:
        record_event(
            "session.sign_out",
            actor=user,
            resource=("session", user.username),
            after=_origin(request),
        )


def record_failed_sign_in(
    *,
    credentials: Mapping[str, object],
    request: HttpRequest | None = None,
    **_kwargs: object,
) -> None:
    """Write that a sign-in was refused, for the organization of the person it names."""
    username = str(credentials.get("username", ""))
    person = User.objects.filter(username=username).only("organization_id").first()
    record_event(
        "session.sign_in_failed",
        actor=None,
        resource=("session", mask_text(username)),
        after=_origin(request),
        organization_id=person.organization_id if person else None,
    )


def _origin(request: HttpRequest | None) -> dict[str, str]:
    """Return where a request came from, as far as the server itself saw it."""
    if request is None:
        return {}
    agent = request.headers.get("User-Agent", "")
    return {"address": request.META.get("REMOTE_ADDR", ""), "browser": agent[:200]}
