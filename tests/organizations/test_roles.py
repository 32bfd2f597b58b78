"""Giving and taking roles: never the own, never a forbidden pair, never a lost update."""

from __future__ import annotations

from decimal import Decimal

import pytest

from apps.audit.models import OperationLog
from apps.core.errors import StaleVersion
from apps.organizations.access import approval_limit, has_permission
from apps.organizations.models import RoleAssignment, User
from apps.organizations.permissions import (
    CONFLICTING_ROLES,
    DEFAULT_APPROVAL_LIMITS,
    MATRIX,
    PERMISSION_LABELS,
    Permission,
    Role,
)
from apps.organizations.services.people import (
    OwnRoles,
    RolesConflict,
    change_approval_limit,
    change_user_access,
    create_user,
    grant_role,
    revoke_role,
)
from tests.factories import PASSWORD, make_organization, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> User:
    """Return an administrator."""
    return make_user(make_organization(), Role.ADMIN)


@pytest.fixture
def colleague(admin: User) -> User:
    """Return somebody of the same organization, without a role."""
    assert admin.organization is not None
    return make_user(admin.organization)


def test_a_role_gives_its_permissions_until_it_is_taken_away(
    admin: User, colleague: User
) -> None:
    assignment = grant_role(colleague, Role.ACCOUNTANT, actor=admin)
    could = has_permission(User.objects.get(pk=colleague.pk), Permission.ENTRY_DRAFT)

    revoke_role(assignment, version=assignment.version, actor=admin)

    assert could
    assert not has_permission(User.objects.get(pk=colleague.pk), Permission.ENTRY_DRAFT)


def test_a_role_that_is_held_already_is_not_given_twice(admin: User, colleague: User) -> None:
    first = grant_role(colleague, Role.TREASURY, actor=admin)

    assert grant_role(colleague, Role.TREASURY, actor=admin) == first
    assert colleague.role_assignments.count() == 1


def test_a_role_can_be_given_again_after_it_was_taken_away(
    admin: User, colleague: User
) -> None:
    first = grant_role(colleague, Role.TREASURY, actor=admin)
    revoke_role(first, version=first.version, actor=admin)

    second = grant_role(colleague, Role.TREASURY, actor=admin)

    assert second != first
    assert list(colleague.role_assignments.held()) == [second]


def test_nobody_changes_the_own_roles_limit_or_access(admin: User) -> None:
    own = admin.role_assignments.get()

    for change in (
        lambda: grant_role(admin, Role.AUDITOR, actor=admin),
        lambda: revoke_role(own, version=own.version, actor=admin),
        lambda: change_approval_limit(own, None, version=own.version, actor=admin),
        lambda: change_user_access(admin, is_active=False, reason="x", actor=admin),
    ):
        with pytest.raises(OwnRoles):
            change()

    assert admin.role_assignments.get().version == own.version


PAIRS = sorted(sorted(pair) for pair in CONFLICTING_ROLES)


@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_a_forbidden_pair_is_refused_in_both_orders(
    admin: User, colleague: User, pair: list[Role]
) -> None:
    for held, wanted in (pair, pair[::-1]):
        assignment = grant_role(colleague, Role(held), actor=admin)

        with pytest.raises(RolesConflict):
            grant_role(colleague, Role(wanted), actor=admin)

        revoke_role(assignment, version=assignment.version, actor=admin)


def test_a_role_is_taken_away_at_the_version_that_was_seen(
    admin: User, colleague: User
) -> None:
    assignment = grant_role(colleague, Role.APPROVER, actor=admin)
    stale = RoleAssignment.objects.get(pk=assignment.pk)
    change_approval_limit(assignment, Decimal(5), version=1, actor=admin)

    with pytest.raises(StaleVersion):
        revoke_role(stale, version=1, actor=admin)

    assert colleague.role_assignments.held().exists()


def test_the_own_limit_of_an_assignment_beats_that_of_its_role(
    admin: User, colleague: User
) -> None:
    assignment = grant_role(colleague, Role.SENIOR_ACCOUNTANT, actor=admin)
    limit_of_the_role = approval_limit(colleague)

    change_approval_limit(assignment, Decimal(1000), version=1, actor=admin)

    assert limit_of_the_role == DEFAULT_APPROVAL_LIMITS[Role.SENIOR_ACCOUNTANT]
    assert approval_limit(colleague) == Decimal(1000)


def test_the_widest_of_the_held_limits_counts(admin: User, colleague: User) -> None:
    grant_role(colleague, Role.SENIOR_ACCOUNTANT, actor=admin, approval_limit=Decimal(10))
    grant_role(colleague, Role.APPROVER, actor=admin, approval_limit=Decimal(20))

    assert approval_limit(colleague) == Decimal(20)


def test_who_approves_nothing_has_a_limit_of_zero(colleague: User) -> None:
    assert approval_limit(colleague) == Decimal(0)


def test_a_change_of_roles_stands_in_the_log_with_who_and_why(
    admin: User, colleague: User
) -> None:
    grant_role(colleague, Role.APPROVER, actor=admin)

    row = OperationLog.objects.get(kind="role.grant", actor=admin)

    assert (row.actor, row.reason, row.organization) == (admin, "approver", admin.organization)
    assert (row.after or {})["user_id"] == colleague.pk


def test_a_new_person_holds_no_role_and_the_password_is_not_logged(admin: User) -> None:
    assert admin.organization is not None

    person = create_user(
        actor=admin, organization=admin.organization, username="new", password=PASSWORD
    )

    assert person.roles() == frozenset()
    row = OperationLog.objects.get(kind="user.create")
    assert "password" not in str(row.after)


def test_a_superuser_gets_nothing_from_the_flag() -> None:
    superuser = User.objects.create_superuser("root", password=None)

    assert not any(has_permission(superuser, permission) for permission in Permission)


def test_a_user_is_never_deleted_by_the_model(colleague: User) -> None:
    with pytest.raises(TypeError, match="deactivated"):
        colleague.delete()


def test_every_permission_stands_in_the_matrix_with_its_words() -> None:
    assert set(MATRIX) == set(PERMISSION_LABELS) == set(Permission)


def test_administrators_hold_no_permission_in_the_books_and_auditors_change_nothing() -> None:
    of = {role: {perm for perm, roles in MATRIX.items() if role in roles} for role in Role}

    assert of[Role.ADMIN] == {
        Permission.ORGANIZATION_MANAGE,
        Permission.PEOPLE_VIEW,
        Permission.PEOPLE_MANAGE,
        Permission.SECURITY_LOG_VIEW,
        Permission.ROLLOUT_VIEW,
        Permission.ROLLOUT_MANAGE,
        Permission.POLICY_VIEW,
        Permission.CREDIT_VIEW,
        Permission.BREAKER_MANAGE,
        Permission.EVENT_VIEW,
        Permission.EVENT_MANAGE,
    }
    assert all(permission.endswith("_view") for permission in of[Role.AUDITOR])
