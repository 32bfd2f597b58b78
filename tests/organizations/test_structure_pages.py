"""Companies and departments of an organization, through HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from apps.core.errors import Forbidden
from apps.organizations.models import Department, LegalEntity, User
from apps.organizations.permissions import Role
from apps.organizations.services.structure import (
    change_entity,
    create_department,
    create_entity,
)
from tests.factories import make_department, make_ledger, make_organization, make_user

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db

COMPANY = {
    "code": "north",
    "name": "North Trading",
    "name_zh": "北方贸易",
    "functional_currency": "CNY",
    "time_zone": "Asia/Shanghai",
}


@pytest.fixture
def admin(client: Client) -> User:
    """Return a signed-in administrator."""
    person = make_user(make_organization(), Role.ADMIN)
    client.force_login(person)
    return person


def test_an_administrator_adds_a_company(client: Client, admin: User) -> None:
    answer = client.post("/organization/entities/new/", COMPANY, follow=True)

    entity = LegalEntity.objects.get(organization=admin.organization)
    assert (entity.code, entity.functional_currency_id) == ("north", "CNY")
    assert "North Trading" in answer.content.decode()
    assert entity.history.count() == 1


def test_a_code_is_given_once(client: Client, admin: User) -> None:
    client.post("/organization/entities/new/", COMPANY)

    answer = client.post("/organization/entities/new/", COMPANY | {"name": "Other"})

    assert answer.status_code == 409
    assert "north is in use already" in answer.context["form"].errors["code"][0]
    assert LegalEntity.objects.filter(organization=admin.organization).count() == 1


def test_the_currency_of_a_company_with_books_stays(client: Client) -> None:
    ledger = make_ledger()
    client.force_login(make_user(ledger.organization, Role.ADMIN))
    values = COMPANY | {"functional_currency": "EUR", "version": ledger.entity.version}

    answer = client.post(f"/organization/entities/{ledger.entity_id}/", values)

    assert answer.status_code == 409
    assert "cannot change" in answer.context["form"].errors["functional_currency"][0]


def test_a_department_is_changed_at_the_version_that_was_seen(
    client: Client, admin: User
) -> None:
    assert admin.organization is not None
    department = make_department(admin.organization)
    url = f"/organization/departments/{department.pk}/"
    values = {"name": "Sales", "head": admin.pk, "version": department.version}

    first = client.post(url, values)
    second = client.post(url, values | {"name": "Selling"})

    department.refresh_from_db()
    assert (first.status_code, second.status_code) == (302, 409)
    assert (department.name, department.head) == ("Sales", admin)


def test_the_limit_of_settlements_is_changed_at_the_version_that_was_seen(
    client: Client, admin: User
) -> None:
    organization = admin.organization
    assert organization is not None
    values = {"settlement_limit": "500000", "version": organization.version}

    first = client.post("/organization/settlement-limit/", values)
    second = client.post("/organization/settlement-limit/", values | {"settlement_limit": ""})

    organization.refresh_from_db()
    assert (first.status_code, second.status_code) == (302, 409)
    assert organization.settlement_limit == 500_000


def test_nothing_of_another_organization_is_offered_or_found(
    client: Client, admin: User
) -> None:
    stranger = make_user(make_organization())
    assert stranger.organization is not None
    theirs = make_department(stranger.organization)
    values = {"code": "ours", "name": "Ours", "head": stranger.pk}

    assert client.get(f"/organization/departments/{theirs.pk}/").status_code == 404
    assert client.post("/organization/departments/new/", values).status_code == 422
    assert not Department.objects.filter(organization=admin.organization).exists()


def test_only_administrators_change_the_organization(admin: User) -> None:
    assert admin.organization is not None
    other = make_user(admin.organization, Role.SENIOR_ACCOUNTANT)
    entity = make_ledger(admin.organization).entity

    with pytest.raises(Forbidden):
        create_entity(actor=other, code="x", name="X")
    with pytest.raises(Forbidden):
        create_department(actor=other, code="x", name="X")
    with pytest.raises(Forbidden):
        change_entity(entity, version=entity.version, actor=other, name="X")


def test_a_name_with_hidden_characters_is_refused(client: Client, admin: User) -> None:
    answer = client.post("/organization/entities/new/", COMPANY | {"name": "No\u202erth"})

    assert answer.status_code == 422
    assert answer.context["form"].errors["name"]
    assert not LegalEntity.objects.filter(organization=admin.organization).exists()
