"""The only ways to fetch jobs: each takes the user, 404 for what is not theirs."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.shortcuts import get_object_or_404

from apps.jobs.models import Job
from apps.organizations.access import tenant_of

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from apps.organizations.models import User


def jobs_for(user: User) -> QuerySet[Job]:
    """Return the jobs of the user's organization."""
    return Job.objects.filter(organization=tenant_of(user)).select_related("created_by")


def get_job_for(user: User, public_id: uuid.UUID) -> Job:
    """Return a job of the user's organization."""
    return get_object_or_404(jobs_for(user), public_id=public_id)
