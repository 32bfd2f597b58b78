"""Who sees which checks and transitions: those of the own organization."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.credit.models import (
    BreakerTransition,
    BreakerTransitionQuerySet,
    CreditCheck,
    CreditCheckQuerySet,
)
from apps.organizations.access import tenant_of

if TYPE_CHECKING:
    from apps.organizations.models import User


def checks_for(user: User) -> CreditCheckQuerySet:
    """Return the checks of the user's organization, the newest first."""
    rows = CreditCheck.objects.filter(organization=tenant_of(user))
    return rows.select_related("requested_by")


def transitions_for(user: User) -> BreakerTransitionQuerySet:
    """Return what the breaker of the user's organization did, the newest first."""
    return BreakerTransition.objects.of(tenant_of(user)).select_related("person")
