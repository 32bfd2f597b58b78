"""Finance policies for tests, confirmed or waiting."""

from __future__ import annotations

from datetime import date
from typing import Any

from apps.organizations.models import Organization
from apps.organizations.permissions import Role
from apps.policies.domain.facts import DEFAULT_POLICY
from apps.policies.models import FinancePolicy, columns_of
from apps.policies.services.decisions import confirm_policy
from tests.factories import make_user

START = date(2026, 1, 1)


def make_proposal(
    organization: Organization, *, effective_from: date = START, **values: Any
) -> FinancePolicy:
    """Return a proposal that decides what the built-in defaults do, but for `values`."""
    by = values.pop("proposed_by", None) or make_user(organization, Role.SENIOR_ACCOUNTANT)
    return FinancePolicy.create_versioned(
        actor=by,
        organization=organization,
        number=FinancePolicy.objects.filter(organization=organization).count() + 1,
        effective_from=effective_from,
        proposed_by=by,
        proposal_reason="a test",
        **(columns_of(DEFAULT_POLICY) | values),
    )


def make_policy(
    organization: Organization, *, effective_from: date = START, **values: Any
) -> FinancePolicy:
    """Return a confirmed version; it must be the first, or begin today or later."""
    policy = make_proposal(organization, effective_from=effective_from, **values)
    by = make_user(organization, Role.APPROVER)
    return confirm_policy(policy, version=policy.version, actor=by)
