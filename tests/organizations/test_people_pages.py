"""The pages of people and roles, through HTTP."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from apps.organizations.models import User
from apps.organizations.permissions import Role
from apps.organizations.services.people import grant_role
from tests.factories import make_organization, make_user

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client: Client) -> User:
    """Return a signed-in administrator."""
    person = make_user(make_organization(), Role.ADMIN)
    client.force_login(person)
    return person


@pytest.fixture
def colleague(admin: User) -> User:
    """Return somebody of the same organization, without a role."""
    assert admin.organization is not None
    return make_user(admin.organization, first_name="Mei", last_name="Li")


def listed(client: Client, **filters: str) -> list[str]:
    """Return the user names that the list shows."""
    page = client.get("/people/", filters).context["page_obj"]
    return [person.username for person in page.object_list]


def test_the_list_shows_the_own_organization_and_filters_it(
    client: Client, admin: User, colleague: User
) -> None:
    make_user(make_organization(), first_name="Mei")
    grant_role(colleague, Role.TREASURY, actor=admin)

    assert listed(client) == sorted([admin.username, colleague.username])
    assert listed(client, q="mei") == [colleague.username]
    assert listed(client, role="treasury") == [colleague.username]
    assert listed(client, state="inactive") == []


def test_an_administrator_gives_a_role_with_a_limit(client: Client, colleague: User) -> None:
    url = f"/people/{colleague.pk}/roles/"

    response = client.post(url, {"role": "approver", "approval_limit": "5000.00"}, follow=True)

    assignment = colleague.role_assignments.get()
    assert (assignment.role, assignment.approval_limit) == ("approver", Decimal(5000))
    assert "is Approver now" in response.content.decode()


def test_a_forbidden_pair_is_explained_and_changes_nothing(
    client: Client, admin: User, colleague: User
) -> None:
    grant_role(colleague, Role.ACCOUNTANT, actor=admin)

    response = client.post(f"/people/{colleague.pk}/roles/", {"role": "auditor"})

    assert response.status_code == 409
    assert "Choose another person" in response.content.decode()
    assert colleague.role_assignments.count() == 1


@pytest.mark.parametrize("limit", ["-1", "NaN", "1e400", "abc", "1.00001", "１２"])
def test_a_limit_that_is_no_amount_is_refused(
    client: Client, colleague: User, limit: str
) -> None:
    values = {"role": "approver", "approval_limit": limit}

    response = client.post(f"/people/{colleague.pk}/roles/", values)

    assert response.status_code == 422
    assert not colleague.role_assignments.exists()


def test_a_role_is_taken_away_only_at_the_version_that_was_seen(
    client: Client, admin: User, colleague: User
) -> None:
    assignment = grant_role(colleague, Role.APPROVER, actor=admin)

    statuses = [
        client.post(f"/roles/{assignment.pk}/revoke/", {"version": version}).status_code
        for version in ("7", "", "1")
    ]

    assert statuses == [409, 422, 302]
    assert not colleague.role_assignments.held().exists()


def test_the_limit_of_a_role_changes_and_shows(
    client: Client, admin: User, colleague: User
) -> None:
    assignment = grant_role(colleague, Role.APPROVER, actor=admin)
    values = {"version": "1", "approval_limit": "7500"}

    response = client.post(f"/roles/{assignment.pk}/limit/", values, follow=True)

    assert "approves up to 7,500.00" in response.content.decode()


def test_the_own_page_says_that_somebody_else_has_to_change_it(
    client: Client, admin: User
) -> None:
    response = client.post(f"/people/{admin.pk}/roles/", {"role": "auditor"})

    assert response.status_code == 403
    assert "You cannot change your own roles" in response.content.decode()
    assert "Give role" not in response.content.decode()


def test_a_leaver_is_deactivated_with_a_reason_and_can_come_back(
    client: Client, colleague: User
) -> None:
    url = f"/people/{colleague.pk}/access/"

    without_reason = client.post(url, {"is_active": "0", "reason": ""}).status_code
    client.post(url, {"is_active": "0", "reason": "left the company"})
    colleague.refresh_from_db()
    was_active = colleague.is_active
    client.post(url, {"is_active": "1", "reason": "came back"})

    colleague.refresh_from_db()
    assert (without_reason, was_active, colleague.is_active) == (422, False, True)


def test_an_auditor_reads_people_and_changes_nobody(client: Client) -> None:
    auditor = make_user(make_organization(), Role.AUDITOR)
    client.force_login(auditor)

    page = client.get(f"/people/{auditor.pk}/").content.decode()

    assert "Give role" not in page
    assert client.post(f"/people/{auditor.pk}/roles/", {"role": "admin"}).status_code == 403


def test_the_matrix_shows_every_role_its_holders_and_what_stays_apart(
    client: Client, admin: User
) -> None:
    page = client.get("/permissions/").content.decode()

    assert all(str(role.label) in page for role in Role)
    assert admin.username in page
    assert "Segregation of duties" in page


def test_a_person_that_does_not_exist_is_not_found(client: Client, admin: User) -> None:
    assert client.get(f"/people/{10**30}/").status_code == 404
