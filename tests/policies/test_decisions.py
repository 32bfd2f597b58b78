"""Deciding about a policy: another person, once, and every day has one version."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from apps.core.errors import Forbidden, StaleVersion
from apps.organizations.models import Organization, User
from apps.organizations.permissions import Role
from apps.policies.errors import (
    PolicyBeginsInThePast,
    PolicyIsDecided,
    PolicyReasonIsMissing,
    ProposerIsConfirmer,
)
from apps.policies.models import FinancePolicy
from apps.policies.services.current import policy_on, policy_version
from apps.policies.services.decisions import confirm_policy, reject_policy
from apps.policies.words import PolicyState
from tests.factories import make_organization, make_user
from tests.policies.policy_rows import START, make_policy, make_proposal

pytestmark = pytest.mark.django_db
# Far enough ahead that it lies in the future whenever the tests run past midnight.
LATER = timezone.localdate() + timedelta(days=30)
MUCH_LATER = LATER + timedelta(days=30)


@pytest.fixture
def home() -> Organization:
    """Return an organization whose first policy has been in force for long."""
    organization = make_organization()
    make_policy(organization)
    return organization


def confirm(policy: FinancePolicy, by: User | None = None) -> FinancePolicy:
    """Confirm as somebody who may."""
    actor = by or make_user(policy.organization, Role.APPROVER)
    return confirm_policy(policy, version=policy.version, actor=actor)


def days(organization: Organization) -> list[tuple[int, date, date | None]]:
    """Return the confirmed versions with their days."""
    rows = FinancePolicy.objects.filter(organization=organization).confirmed()
    return list(
        rows.order_by("effective_from").values_list("number", "effective_from", "effective_to")
    )


def test_a_confirmed_policy_ends_the_one_before(home: Organization) -> None:
    confirm(make_proposal(home, effective_from=LATER, rounding_mode="up"))

    assert days(home) == [(1, START, LATER - timedelta(days=1)), (2, LATER, None)]
    assert policy_on(home.pk, LATER - timedelta(days=1)).number == 1
    assert policy_on(home.pk, LATER).rounding_mode == "up"


def test_a_policy_between_two_lasts_until_the_next(home: Organization) -> None:
    confirm(make_proposal(home, effective_from=MUCH_LATER))
    confirm(make_proposal(home, effective_from=LATER))

    assert days(home) == [
        (1, START, LATER - timedelta(days=1)),
        (3, LATER, MUCH_LATER - timedelta(days=1)),
        (2, MUCH_LATER, None),
    ]


def test_a_policy_of_the_same_day_supersedes(home: Organization) -> None:
    first = confirm(make_proposal(home, effective_from=LATER, tax_rate=Decimal("0.09")))
    second = confirm(make_proposal(home, effective_from=LATER))

    first.refresh_from_db()
    assert first.state == PolicyState.SUPERSEDED
    assert policy_on(home.pk, LATER).version_id == second.pk
    assert policy_version(home.pk, first.pk).default_tax_rate == Decimal("0.09")


def test_nobody_confirms_the_own_policy(home: Organization) -> None:
    proposal = make_proposal(home, effective_from=LATER)

    with pytest.raises(ProposerIsConfirmer):
        confirm(proposal, by=proposal.proposed_by)

    assert policy_on(home.pk, LATER).number == 1


@pytest.mark.parametrize("role", [Role.ACCOUNTANT, Role.TREASURY, Role.AUDITOR, Role.ADMIN])
def test_others_neither_confirm_nor_reject(home: Organization, role: Role) -> None:
    proposal, person = make_proposal(home, effective_from=LATER), make_user(home, role)

    with pytest.raises(Forbidden):
        confirm(proposal, by=person)
    with pytest.raises(Forbidden):
        reject_policy(proposal, version=1, actor=person, reason="no")


def test_a_proposal_is_decided_once(home: Organization) -> None:
    proposal = make_proposal(home, effective_from=LATER)
    same = FinancePolicy.objects.get(pk=proposal.pk)
    reject_policy(proposal, version=1, actor=make_user(home, Role.APPROVER), reason="too high")

    with pytest.raises(PolicyIsDecided):
        confirm(same)
    assert (proposal.state, proposal.decision_reason) == (PolicyState.REJECTED, "too high")


def test_a_decision_names_the_version_that_was_seen(home: Organization) -> None:
    proposal = make_proposal(home, effective_from=LATER)

    with pytest.raises(StaleVersion):
        confirm_policy(proposal, version=7, actor=make_user(home, Role.APPROVER))

    assert days(home) == [(1, START, None)]


def test_a_rejection_says_why_and_the_proposer_may_take_it_back(home: Organization) -> None:
    proposal = make_proposal(home, effective_from=LATER)
    with pytest.raises(PolicyReasonIsMissing):
        reject_policy(proposal, version=1, actor=proposal.proposed_by, reason=" ")

    reject_policy(proposal, version=1, actor=proposal.proposed_by, reason="mistyped")

    assert (proposal.state, proposal.decided_by) == (
        PolicyState.REJECTED,
        proposal.proposed_by,
    )


def test_a_proposal_whose_first_day_is_over_is_proposed_again(home: Organization) -> None:
    late = make_proposal(home, effective_from=timezone.localdate() - timedelta(days=1))

    with pytest.raises(PolicyBeginsInThePast):
        confirm(late)
