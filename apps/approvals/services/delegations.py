"""Delegations: a person has another one decide for some days, and may end that at any time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from apps.approvals.errors import BadDelegation
from apps.approvals.models import Delegation
from apps.core.errors import Forbidden
from apps.core.operation import operation
from apps.core.text import clean_text

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from apps.organizations.models import User


def delegate(
    taker: User,
    days: tuple[date, date],
    *,
    actor: User,
    limit: Decimal | None = None,
    reason: str = "",
) -> Delegation:
    """Have a colleague decide for the actor from the first to the last of the days.

    The colleague's own roles and limits hold as before.

    Raises:
        BadDelegation: to oneself, to a stranger, or for days in the wrong order or past.
    """
    starts_on, ends_on = days
    is_colleague = taker.organization_id == actor.organization_id and taker.is_active
    if taker.pk == actor.pk or not is_colleague or (limit is not None and limit < 0):
        raise BadDelegation
    if not max(starts_on, timezone.localdate()) <= ends_on:
        raise BadDelegation(field="ends_on")
    with operation("delegation.create", actor=actor, reason=reason):
        return Delegation.create_versioned(
            actor=actor,
            organization_id=actor.organization_id,
            giver=actor,
            taker=taker,
            starts_on=starts_on,
            ends_on=ends_on,
            limit=limit,
            reason=clean_text(reason, field="reason")[:500],
        )


def revoke_delegation(delegation: Delegation, *, version: int, actor: User) -> Delegation:
    """End a delegation now; what was decided by it stays decided.

    Raises:
        Forbidden: somebody else gave it.
        StaleVersion: it was revoked already.
    """
    if delegation.giver_id != actor.pk:
        raise Forbidden
    with operation("delegation.revoke", actor=actor):
        return delegation.update_versioned(
            actor=actor,
            reason="revoke",
            expected_version=version,
            revoked_at=timezone.now(),
        )
