"""How people get a password that nobody else knows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from apps.audit.models import OperationLog
from apps.core.errors import Forbidden
from apps.organizations.permissions import Role
from apps.organizations.services.people import (
    UserNameIsTaken,
    add_person,
    make_password_link,
)
from tests.factories import make_organization, make_user

if TYPE_CHECKING:
    from apps.organizations.models import User

pytestmark = pytest.mark.django_db

GOOD = "a long enough sentence"
BOTH = {"new_password1": GOOD, "new_password2": GOOD}


@pytest.fixture
def admin(client: Client) -> User:
    """Return a signed-in administrator."""
    person = make_user(make_organization(), Role.ADMIN)
    client.force_login(person)
    return person


def link_for(client: Client, person: User) -> str:
    """Return the path that the page of a new link shows."""
    page = client.post(f"/people/{person.pk}/link/").content.decode()
    found = re.search(r'value="http://[^/]+(/people/password/[^"]+)"', page)
    assert found is not None
    return found[1]


def test_a_new_person_sets_a_password_by_a_link_and_signs_in(
    client: Client, admin: User
) -> None:
    client.post("/people/new/", {"username": "li.mei", "name_zh": "李梅"})
    assert admin.organization is not None
    person = admin.organization.users.get(username="li.mei")
    assert not person.has_usable_password()
    theirs = Client()

    form = theirs.get(link_for(client, person), follow=True)
    theirs.post(form.redirect_chain[-1][0], BOTH)

    credentials = {"username": "li.mei", "password": GOOD}
    assert theirs.post("/sign-in/", credentials).status_code == 302


def test_a_link_works_once(client: Client, admin: User) -> None:
    assert admin.organization is not None
    link = link_for(client, make_user(admin.organization))
    form = Client().get(link, follow=True)
    page = form.redirect_chain[-1][0]
    theirs = form.client
    assert theirs.post(page, BOTH).status_code == 302

    again = Client().get(link, follow=True)

    assert not again.context["validlink"]
    assert "used, or is too old" in again.content.decode()


def test_a_link_ends_the_old_password_and_leaves_a_trace(client: Client, admin: User) -> None:
    assert admin.organization is not None
    person = make_user(admin.organization)
    person.set_password(GOOD)
    person.save()

    link_for(client, person)

    person.refresh_from_db()
    assert not person.has_usable_password()
    logged = OperationLog.objects.filter(kind="user.password_link").get()
    assert (logged.actor, logged.resource_id) == (admin, str(person.pk))
    assert GOOD not in str(logged.before)


def test_nobody_gets_a_link_for_the_own_password(client: Client, admin: User) -> None:
    answer = client.post(f"/people/{admin.pk}/link/", follow=True)

    assert "by the old one" in answer.content.decode()
    assert not OperationLog.objects.filter(kind="user.password_link").exists()


def test_the_own_password_is_changed_by_the_old_one(client: Client, admin: User) -> None:
    admin.set_password("the old sentence of mine")
    admin.save()
    client.force_login(admin)

    wrong = client.post("/password/", BOTH | {"old_password": "no"})
    right = client.post("/password/", BOTH | {"old_password": "the old sentence of mine"})

    admin.refresh_from_db()
    assert (wrong.status_code, right.status_code) == (422, 302)
    assert admin.check_password(GOOD)
    assert client.get("/").status_code == 200


def test_a_short_password_is_refused(client: Client, admin: User) -> None:
    assert admin.organization is not None
    form = Client().get(link_for(client, make_user(admin.organization)), follow=True)
    short = {"new_password1": "short", "new_password2": "short"}

    answer = form.client.post(form.redirect_chain[-1][0], short)

    assert answer.status_code == 422
    assert answer.context["form"].errors["new_password2"]


def test_a_user_name_is_given_once_whatever_its_case(client: Client, admin: User) -> None:
    name = admin.username.upper()

    with pytest.raises(UserNameIsTaken):
        add_person(actor=admin, username=name)
    answer = client.post("/people/new/", {"username": name})

    assert answer.status_code == 409
    assert answer.context["form"].errors["username"]


def test_only_administrators_add_people_and_give_links(admin: User) -> None:
    assert admin.organization is not None
    other = make_user(admin.organization, Role.SENIOR_ACCOUNTANT)

    with pytest.raises(Forbidden):
        add_person(actor=other, username="friend")
    with pytest.raises(Forbidden):
        make_password_link(admin, actor=other)
