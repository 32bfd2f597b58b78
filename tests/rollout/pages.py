"""What tests of the pages of rollouts have in common."""

from __future__ import annotations

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from apps.organizations.models import Department
from apps.rollout.domain.buckets import bucket_of
from apps.rollout.models import Flag
from tests.factories import make_department, make_user
from tests.rollout.flags import WHY


def department_at(flag: Flag, low: int, high: int, name: str) -> Department:
    """Return a department whose bucket lies between two percentages."""
    while True:
        department = make_department(flag.organization)
        if low * 100 <= bucket_of(flag.name, department.pk) < high * 100:
            return department.update_versioned(
                actor=make_user(flag.organization),
                reason=WHY,
                expected_version=department.version,
                name=name,
            )


def post(
    client: Client, page: str, flag: Flag, *args: object, **values: object
) -> HttpResponse:
    """Send a form of a rollout at the version it has now, unless told otherwise."""
    data = {"version": flag.version, "reason": "Trial", **values}
    return client.post(reverse(f"rollout:{page}", args=(flag.name, *args)), data)  # type: ignore[return-value]
