"""Who sees which policies: the versions of the own organization."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import get_object_or_404

from apps.organizations.access import tenant_of
from apps.policies.models import FinancePolicy, FinancePolicyQuerySet

if TYPE_CHECKING:
    from apps.organizations.models import User


def policies_for(user: User) -> FinancePolicyQuerySet:
    """Return the versions of the user's organization, the newest first, with their people."""
    return FinancePolicy.objects.filter(organization=tenant_of(user)).select_related(
        "organization", "proposed_by", "decided_by"
    )


def get_policy_for(user: User, number: int) -> FinancePolicy:
    """Return one version of the user's organization, or 404."""
    return get_object_or_404(policies_for(user), number=number)
