"""Proposing a policy: everything is checked, and nothing that is refused leaves a row."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from apps.audit.models import OperationLog
from apps.core.errors import Forbidden
from apps.core.rounding import RoundingMode
from apps.organizations.models import User
from apps.organizations.permissions import Role
from apps.policies.domain.checks import problems_of
from apps.policies.domain.facts import DEFAULT_POLICY, PolicyContent
from apps.policies.errors import NothingChanges, PolicyHasProblems
from apps.policies.models import FinancePolicy
from apps.policies.services.proposals import propose_policy
from apps.policies.words import InvoiceKind, PolicySource, PolicyState
from tests.factories import make_organization, make_user
from tests.policies.policy_rows import START, make_policy

pytestmark = pytest.mark.django_db
today = timezone.localdate


def propose(actor: User, *, on: date | None = None, **changes: Any) -> FinancePolicy:
    """Propose the defaults with changes."""
    content = replace(PolicyContent(), **changes)
    return propose_policy(
        content, effective_from=on or today(), reason="Yearly review", actor=actor
    )


@pytest.fixture
def senior() -> User:
    """Return somebody who may propose."""
    return make_user(make_organization(), Role.SENIOR_ACCOUNTANT)


def test_a_proposal_waits_for_another_person(senior: User) -> None:
    policy = propose(senior, rounding_mode=RoundingMode.DOWN)

    assert (policy.state, policy.number) == (PolicyState.PROPOSED, 1)
    assert (policy.proposed_by, policy.decided_by) == (senior, None)
    assert (policy.source, policy.proposal_reason) == (PolicySource.FORM, "Yearly review")
    assert policy.content() == replace(PolicyContent(), rounding_mode=RoundingMode.DOWN)


def test_proposals_of_an_organization_are_numbered(senior: User) -> None:
    numbers = [propose(senior).number for _ in range(3)]

    assert numbers == [1, 2, 3]
    assert propose(make_user(make_organization(), Role.SENIOR_ACCOUNTANT)).number == 1


def test_a_proposal_leaves_a_trace(senior: User) -> None:
    policy = propose(senior)

    log = OperationLog.objects.of_resource("policies_financepolicy", policy.pk).get()
    assert (log.kind, log.actor, log.reason) == ("policy.propose", senior, "Yearly review")


@pytest.mark.parametrize("role", [role for role in Role if role != Role.SENIOR_ACCOUNTANT])
def test_only_senior_accountants_propose(role: Role) -> None:
    with pytest.raises(Forbidden):
        propose(make_user(make_organization(), role))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"default_tax_rate": Decimal(1)}, "tax_rate"),
        ({"default_tax_rate": Decimal("-0.01")}, "tax_rate"),
        ({"default_tax_rate": Decimal("0.1234567")}, "tax_rate"),
        ({"tax_rates": {InvoiceKind.SPECIAL: Decimal(13)}}, "special_tax_rate"),
        ({"reserve_rate": Decimal("1.1")}, "reserve_rate"),
        ({"payment_terms": ()}, "payment_terms"),
        ({"payment_terms": (30, 366)}, "payment_terms"),
        ({"payment_terms": (30, 30)}, "payment_terms"),
        ({"default_payment_term": 45}, "default_payment_term"),
        ({"invoice_kinds": ()}, "invoice_kinds"),
        ({"approval_limits": {Role.APPROVER: Decimal(-1)}}, "approver_limit"),
        ({"approval_limits": {Role.APPROVER: Decimal("1.00001")}}, "approver_limit"),
        ({"approval_limits": {Role.APPROVER: Decimal("NaN")}}, "approver_limit"),
    ],
)
def test_it_refuses_what_cannot_be_a_policy(
    senior: User, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(PolicyHasProblems) as refused:
        propose(senior, **changes)

    assert [problem.field for problem in refused.value.problems] == [field]
    assert all(str(problem) for problem in refused.value.problems)
    assert not FinancePolicy.objects.exists()


def test_a_rate_of_a_kind_that_is_not_used_is_refused() -> None:
    content = replace(
        PolicyContent(),
        invoice_kinds=(InvoiceKind.SPECIAL,),
        tax_rates={InvoiceKind.ORDINARY: Decimal("0.03")},
    )

    assert [problem.field for problem in problems_of(content)] == ["ordinary_tax_rate"]


def test_the_built_in_defaults_are_a_policy() -> None:
    assert problems_of(DEFAULT_POLICY) == []


def test_a_proposal_says_why(senior: User) -> None:
    with pytest.raises(PolicyHasProblems) as refused:
        propose_policy(PolicyContent(), effective_from=today(), reason=" ", actor=senior)

    assert [problem.field for problem in refused.value.problems] == ["reason"]


def test_only_the_first_policy_begins_in_the_past(senior: User) -> None:
    propose(senior, on=START)
    organization = senior.organization
    assert organization is not None
    make_policy(organization)

    with pytest.raises(PolicyHasProblems) as refused:
        propose(senior, on=today() - timedelta(days=1), rounding_mode="up")

    assert [problem.field for problem in refused.value.problems] == ["effective_from"]


def test_a_proposal_changes_something(senior: User) -> None:
    assert senior.organization is not None
    make_policy(senior.organization)

    with pytest.raises(NothingChanges):
        propose(senior)
