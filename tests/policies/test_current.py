"""Looking a policy up, as every process does."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from apps.organizations.permissions import DEFAULT_APPROVAL_LIMITS, Role
from apps.policies.domain.facts import DEFAULT_POLICY
from apps.policies.services.current import policy_on, policy_version
from apps.policies.words import InvoiceKind
from tests.factories import make_organization
from tests.policies.policy_rows import START, make_policy, make_proposal

pytestmark = pytest.mark.django_db


def test_the_built_in_defaults_hold_until_somebody_confirms_a_policy() -> None:
    organization = make_organization()
    make_proposal(organization)

    facts = policy_on(organization.pk, START)

    assert facts == DEFAULT_POLICY
    assert (facts.version_id, facts.number) == (None, 0)
    assert facts.default_tax_rate == Decimal("0.13")
    assert dict(facts.approval_limits) == DEFAULT_APPROVAL_LIMITS


def test_a_policy_is_in_force_from_its_first_day_on() -> None:
    policy = make_policy(make_organization())

    assert policy_on(policy.organization_id, START) == policy.facts()
    assert policy_on(policy.organization_id, date(2099, 1, 1)).version_id == policy.pk
    assert policy_on(policy.organization_id, START - timedelta(days=1)) == DEFAULT_POLICY


def test_a_policy_of_one_organization_is_none_of_another() -> None:
    policy = make_policy(make_organization())

    assert policy_on(policy.organization_id + 1, START) == DEFAULT_POLICY


def test_a_document_reads_the_version_that_it_remembers() -> None:
    policy = make_policy(make_organization(), tax_rate=Decimal("0.09"))

    assert policy_version(policy.organization_id, policy.pk).default_tax_rate == Decimal("0.09")
    assert policy_version(policy.organization_id, None) == DEFAULT_POLICY


def test_a_kind_of_invoice_may_have_a_rate_of_its_own() -> None:
    facts = make_policy(make_organization(), ordinary_tax_rate=Decimal("0.03")).facts()

    assert facts.tax_rate_of(InvoiceKind.ORDINARY) == Decimal("0.03")
    assert facts.tax_rate_of(InvoiceKind.SPECIAL) == Decimal("0.13")


def test_what_a_version_decides_survives_the_way_into_its_row_and_back() -> None:
    facts = make_policy(
        make_organization(), senior_accountant_limit=Decimal(10), approver_limit=Decimal(20)
    ).facts()

    assert facts.approval_limits[Role.SENIOR_ACCOUNTANT] == Decimal(10)
    assert facts.approval_limits[Role.APPROVER] == Decimal(20)
