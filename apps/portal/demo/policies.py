"""The finance policies of the demo: one in force from the first month, one that waits."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from django.conf import settings

from apps.core.operation import operation
from apps.organizations.permissions import Role
from apps.policies.domain.facts import PolicyContent
from apps.policies.models import FinancePolicy, columns_of
from apps.policies.services.current import forget_policies
from apps.policies.services.file_imports import propose_from_file
from apps.policies.words import InvoiceKind, PolicyState

if TYPE_CHECKING:
    from datetime import date

    from apps.organizations.models import User
    from apps.portal.demo.people import Staff

CHINA = PolicyContent()
GERMANY = replace(
    CHINA,
    default_tax_rate=Decimal("0.19"),
    tax_rates=MappingProxyType({InvoiceKind.ORDINARY: Decimal("0.07")}),
    payment_terms=(14, 30),
    reserve_rate=Decimal(0),
    approval_limits=MappingProxyType(
        {Role.SENIOR_ACCOUNTANT: Decimal(100_000), Role.APPROVER: None}
    ),
)


def put_policy_in_force(
    content: PolicyContent, staff: Staff, first_day: date, *, reason: str
) -> None:
    """Let one person propose a policy and another confirm it, long before the first entry.

    The queue of the demo holds entries of days ago, which remember a policy of that time. So
    it is written as it was before there were rounds of approval: theirs are of today.
    """
    maker, checker = staff.seniors[0], staff.approvers[0]
    with operation("demo.backdate", actor=checker, reason="demo"):
        proposal = FinancePolicy.create_versioned(
            actor=maker,
            reason=reason,
            organization_id=maker.organization_id,
            number=1,
            effective_from=first_day,
            proposal_reason=reason,
            proposed_by=maker,
            **columns_of(content),
        )
        proposal.update_versioned(
            actor=checker,
            reason="demo",
            expected_version=proposal.version,
            state=PolicyState.CONFIRMED,
            decided_by=checker,
            decided_at=datetime.combine(first_day, time(9), UTC) - timedelta(days=1),
        )
    forget_policies()


def leave_policy_waiting(actor: User) -> None:
    """Propose what the file of the demo says, as somebody who edits it would."""
    organization = actor.organization
    if organization is not None:
        path = Path(settings.POLICY_FILES) / organization.code / "demo.yaml"
        propose_from_file(path.read_bytes(), actor=actor)
