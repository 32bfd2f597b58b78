"""Who sees which rollouts: those of the own organization."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import get_object_or_404

from apps.organizations.access import tenant_of
from apps.rollout.models import Flag, FlagExposure, FlagQuerySet

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from apps.organizations.models import User


def flags_for(user: User) -> FlagQuerySet:
    """Return the rollouts of the user's organization."""
    return Flag.objects.filter(organization=tenant_of(user)).select_related(
        "organization", "updated_by"
    )


def get_flag_for(user: User, name: str) -> Flag:
    """Return one rollout of the user's organization, or 404."""
    return get_object_or_404(flags_for(user), name=name)


def exposures_for(user: User, flag: Flag) -> QuerySet[FlagExposure]:
    """Return what a rollout of the user's organization decided for real, oldest first."""
    visible = FlagExposure.objects.filter(flag=flag, flag__organization=tenant_of(user))
    return visible.select_related("flag", "department", "actor").order_by("pk")
