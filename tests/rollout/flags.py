"""Flags for tests."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from apps.organizations.models import Department, Organization, User
from apps.organizations.permissions import Role
from apps.rollout.models import Flag
from apps.rollout.services.flags import create_flag, pin_department
from apps.rollout.services.providers import (
    Outcomes,
    Running,
    _providers,
    provide_outcomes,
    provide_running,
)
from apps.rollout.words import FINANCIAL_APPROVAL_V2, OverrideMode
from tests.factories import make_organization, make_system_user, make_user

WHY = "a test"


def make_flag(organization: Organization | None = None, percent: str = "15") -> Flag:
    """Return the approval flag of an organization."""
    return create_flag(
        organization or make_organization(),
        FINANCIAL_APPROVAL_V2,
        percent=Decimal(percent),
        reason=WHY,
        actor=make_system_user(),
    )


def make_admin(flag: Flag) -> User:
    """Return an administrator of the flag's organization."""
    return make_user(flag.organization, Role.ADMIN)


def pin(flag: Flag, department: Department, mode: OverrideMode) -> Flag:
    """Pin a department."""
    return pin_department(
        flag, department, mode, version=flag.version, reason=WHY, actor=make_admin(flag)
    )


def make_departments(organization: Organization, count: int, **values: Any) -> list[Department]:
    """Return many departments."""
    rows = [
        Department(organization=organization, code=f"unit-{number}", name=f"Unit {number}")
        for number in range(1, count + 1)
    ]
    return Department.create_many_versioned(rows, actor=make_system_user(), **values)


def provide(
    monkeypatch: pytest.MonkeyPatch,
    *,
    running: Running | None = None,
    outcomes: Outcomes | None = None,
) -> None:
    """Let a test, and nobody else, tell what became of requests."""
    for name in ("running", "outcomes"):
        monkeypatch.setattr(_providers, name, {})
    if running:
        provide_running(FINANCIAL_APPROVAL_V2, running)
    if outcomes:
        provide_outcomes(FINANCIAL_APPROVAL_V2, outcomes)
