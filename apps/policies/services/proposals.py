"""Proposing a policy: checked as a whole, then kept as it is for another person to decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Max
from django.utils import timezone

from apps.core.errors import Forbidden
from apps.core.operation import operation
from apps.core.rounds import rounds
from apps.core.text import clean_text
from apps.organizations.access import require
from apps.organizations.models import Organization
from apps.organizations.permissions import Permission
from apps.policies.domain.checks import problems_of
from apps.policies.errors import (
    NothingChanges,
    PolicyBeginsInThePast,
    PolicyHasProblems,
    PolicyReasonIsMissing,
)
from apps.policies.models import FinancePolicy, columns_of
from apps.policies.words import PolicySource

if TYPE_CHECKING:
    from datetime import date

    from apps.organizations.models import User
    from apps.policies.domain.facts import PolicyContent

# The kind of subject by which rounds of approval know a proposal.
POLICY_CHANGE = "policy_change"


def propose_policy(
    content: PolicyContent,
    *,
    effective_from: date,
    reason: str,
    actor: User,
    file_digest: str = "",
) -> FinancePolicy:
    """Propose a policy for the actor's organization; another person confirms it.

    `file_digest` is the SHA-256 of the file that it was read from, if it was.

    Raises:
        Forbidden: the actor may not propose.
        PolicyHasProblems: with every problem at its field.
        NothingChanges: it is in force on that day already.
        FinanceError: the flow of approval finds nobody who could decide.
    """
    require(actor, Permission.POLICY_PROPOSE)
    if actor.organization_id is None:
        raise Forbidden
    with operation("policy.propose", actor=actor, reason=reason):
        organization = lock_policies_of(actor.organization_id)
        _check(organization, content, effective_from, reason)
        policy = FinancePolicy.create_versioned(
            actor=actor,
            reason=reason,
            organization=organization,
            number=_next_number(organization),
            effective_from=effective_from,
            source=PolicySource.FILE if file_digest else PolicySource.FORM,
            file_digest=file_digest,
            proposal_reason=clean_text(reason, field="reason"),
            proposed_by=actor,
            **columns_of(content),
        )
        rounds().begin(POLICY_CHANGE, policy.pk, actor=actor)
    return policy


def lock_policies_of(organization_id: int) -> Organization:
    """Let one process at a time number, confirm and end policies of an organization."""
    return Organization.objects.select_for_update(no_key=True).get(pk=organization_id)


def may_begin_on(organization: Organization, day: date) -> bool:
    """Say whether a policy may begin on a day: the first one any day, others from today on."""
    if day >= timezone.localdate():
        return True
    return not FinancePolicy.objects.filter(organization=organization).confirmed_once().exists()


def _check(
    organization: Organization, content: PolicyContent, effective_from: date, reason: str
) -> None:
    problems = problems_of(content)
    if not clean_text(reason, field="reason").strip():
        problems.append(PolicyReasonIsMissing(field="reason"))
    if not may_begin_on(organization, effective_from):
        problems.append(PolicyBeginsInThePast(field="effective_from"))
    if problems:
        raise PolicyHasProblems(problems)
    rows = FinancePolicy.objects.filter(organization=organization)
    in_force = rows.in_force_on(effective_from).first()
    if in_force is not None and in_force.content() == content:
        raise NothingChanges


def _next_number(organization: Organization) -> int:
    rows = FinancePolicy.objects.filter(organization=organization)
    return (rows.aggregate(last=Max("number"))["last"] or 0) + 1
