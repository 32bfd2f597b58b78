"""What PostgreSQL refuses of policies, whoever writes."""

from __future__ import annotations

import pytest

from apps.organizations.permissions import Role
from tests.factories import make_organization, make_user
from tests.policies.policy_rows import make_policy, make_proposal
from tests.sql import refuse, run

pytestmark = pytest.mark.django_db
STEP, FIXED, FOREIGN, CHECK, EXCLUSION = "FM041", "FM042", "FM043", "23514", "23P01"
CONFIRMED = "state = 'confirmed', decided_at = now(), decided_by_id = %(by)s"


@pytest.mark.parametrize(
    "change",
    [
        "tax_rate = 0.06",
        "effective_from = '2026-06-01'",
        "payment_terms = '{30}'",
        "approver_limit = 5",
        "proposal_reason = 'another'",
        "number = 9",
        "decision_reason = 'another'",
        "effective_to = NULL",
        "effective_to = '2027-12-31'",
    ],
)
def test_a_confirmed_policy_never_changes(change: str) -> None:
    policy = make_policy(make_organization())
    run("UPDATE policies_financepolicy SET effective_to = '2026-12-31'")

    refuse(FIXED, f"UPDATE policies_financepolicy SET {change} WHERE id = {policy.pk}")


def test_a_proposal_is_confirmed_as_it_was_proposed() -> None:
    policy = make_proposal(make_organization())

    refuse(FIXED, f"UPDATE policies_financepolicy SET tax_rate = 0.06 WHERE id = {policy.pk}")


@pytest.mark.parametrize("state", ["proposed", "rejected"])
def test_a_confirmed_policy_takes_only_steps_that_exist(state: str) -> None:
    policy = make_policy(make_organization())

    refuse(STEP, f"UPDATE policies_financepolicy SET state = '{state}' WHERE id = {policy.pk}")


def test_a_policy_is_never_deleted() -> None:
    make_proposal(make_organization())

    refuse(FIXED, "DELETE FROM policies_financepolicy")
    run("SET CONSTRAINTS ALL IMMEDIATE")
    refuse(FIXED, "TRUNCATE policies_financepolicy CASCADE")


def test_nobody_confirms_the_own_policy() -> None:
    policy = make_proposal(make_organization())

    sql = f"UPDATE policies_financepolicy SET {CONFIRMED} WHERE id = {policy.pk}"
    refuse(CHECK, sql, by=policy.proposed_by_id)


def test_nobody_decides_for_another_organization() -> None:
    policy = make_proposal(make_organization())
    stranger = make_user(make_organization(), Role.APPROVER)

    sql = f"UPDATE policies_financepolicy SET {CONFIRMED} WHERE id = {policy.pk}"
    refuse(FOREIGN, sql, by=stranger.pk)


def test_confirmed_policies_never_overlap() -> None:
    home = make_organization()
    make_policy(home)
    second = make_proposal(home)

    sql = f"UPDATE policies_financepolicy SET {CONFIRMED} WHERE id = {second.pk}"
    refuse(EXCLUSION, sql, by=make_user(home, Role.APPROVER).pk)


@pytest.mark.parametrize(
    "column",
    [
        "tax_rate = 1",
        "reserve_rate = -0.1",
        "special_tax_rate = 1",
        "approver_limit = -1",
        "payment_terms = '{60}'",
        "invoice_kinds = '{}'",
        "effective_to = '2025-01-01'",
    ],
)
def test_a_policy_outside_its_ranges_is_refused(column: str) -> None:
    policy = make_proposal(make_organization())
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("ALTER TABLE policies_financepolicy DISABLE TRIGGER policy_update_guard")

    refuse(CHECK, f"UPDATE policies_financepolicy SET {column} WHERE id = {policy.pk}")


def test_a_policy_is_born_as_a_proposal() -> None:
    policy = make_policy(make_organization())
    columns = "organization_id, number, state, effective_from, proposed_by_id"
    values = "organization_id, 2, state, effective_from, proposed_by_id"

    sql = f"SELECT {values} FROM policies_financepolicy WHERE id = {policy.pk}"
    refuse(STEP, f"INSERT INTO policies_financepolicy ({columns}) {sql}")
