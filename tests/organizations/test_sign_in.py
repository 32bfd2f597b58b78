"""Signing in and out: what is let through, refused, throttled and recorded."""

from __future__ import annotations

import pytest
from django.conf import LazySettings
from django.conf import settings as project_settings
from django.test import Client
from django.urls import reverse

from apps.audit.models import OperationLog
from apps.organizations.permissions import Role
from apps.organizations.services.people import change_user_access
from tests.factories import PASSWORD, make_organization, make_user

pytestmark = pytest.mark.django_db
URL = "/sign-in/"


def attempt(
    client: Client, username: str, password: str = PASSWORD, address: str = "127.0.0.1"
) -> int:
    """Try to sign in and return the status."""
    return client.post(
        URL, {"username": username, "password": password}, REMOTE_ADDR=address
    ).status_code


def kinds() -> list[str]:
    """Return what was recorded of sessions."""
    rows = OperationLog.objects.filter(resource_type="session").order_by("id")
    return list(rows.values_list("kind", flat=True))


def test_it_signs_in_and_gives_the_session_a_new_key(client: Client) -> None:
    person = make_user(make_organization())
    client.get(URL)
    session = client.session
    session["theme"] = "dark"
    session.save()
    key_before = session.session_key
    client.cookies[project_settings.SESSION_COOKIE_NAME] = key_before or ""

    status = attempt(client, person.username)

    assert status == 302
    assert client.session["_auth_user_id"] == str(person.pk)
    assert client.session.session_key != key_before


def test_what_a_sign_in_changes_is_logged_as_the_persons_own_doing(client: Client) -> None:
    person = make_user(make_organization())

    attempt(client, person.username)

    row = OperationLog.objects.filter(resource_type="organizations_user").latest("id")
    assert (row.kind, row.actor_id) == ("session.sign_in", person.pk)


def test_it_refuses_a_wrong_password_and_records_it(client: Client) -> None:
    person = make_user(make_organization())

    status = attempt(client, person.username, "wrong")

    assert status == 422
    assert "_auth_user_id" not in client.session
    failure = OperationLog.objects.get(kind="session.sign_in_failed")
    assert (failure.resource_id, failure.organization) == (person.username, person.organization)


def test_sign_in_and_sign_out_stand_in_the_operation_log(client: Client) -> None:
    person = make_user(make_organization())

    attempt(client, person.username)
    client.post("/sign-out/")

    assert kinds() == ["session.sign_in", "session.sign_out"]


def test_signing_out_takes_a_post(client: Client) -> None:
    client.force_login(make_user(make_organization()))

    assert client.get("/sign-out/").status_code == 405
    assert "_auth_user_id" in client.session


def test_the_eleventh_failure_of_a_person_answers_429_with_a_page(client: Client) -> None:
    person = make_user(make_organization())
    for number in range(10):
        attempt(client, person.username, "wrong", address=f"10.0.0.{number}")

    response = client.post(URL, {"username": person.username, "password": PASSWORD})

    assert response.status_code == 429
    assert "Too many attempts" in response.content.decode()
    assert "_auth_user_id" not in client.session


def test_a_neighbour_behind_the_same_address_is_not_locked_out(client: Client) -> None:
    organization = make_organization()
    victim, neighbour = make_user(organization), make_user(organization)
    for _number in range(6):
        attempt(client, victim.username, "wrong")

    assert attempt(client, victim.username) == 429
    assert attempt(client, neighbour.username) == 302


def test_an_inactive_person_cannot_sign_in(client: Client) -> None:
    person = make_user(make_organization(), is_active=False)

    assert attempt(client, person.username) == 422


def test_a_leaver_loses_the_open_session_at_once(client: Client) -> None:
    organization = make_organization()
    leaver, admin = make_user(organization, Role.AUDITOR), make_user(organization, Role.ADMIN)
    client.force_login(leaver)
    url = reverse("organizations:person_list")
    seen_before = client.get(url).status_code

    change_user_access(leaver, is_active=False, reason="left", actor=admin)

    assert (seen_before, client.get(url).status_code) == (200, 302)


def test_it_does_not_lead_to_another_site_after_sign_in(client: Client) -> None:
    person = make_user(make_organization())
    values = {
        "username": person.username,
        "password": PASSWORD,
        "next": "https://evil.example/",
    }

    response = client.post(URL, values)

    assert "evil.example" not in response["Location"]


@pytest.mark.parametrize("name", ["a\x00b", "\ud800"])
def test_it_answers_400_to_characters_no_text_may_hold(client: Client, name: str) -> None:
    body = b"username=a%00b&password=x" if "\x00" in name else b"username=%ED%A0%80&password=x"

    response = client.post(URL, body, content_type="application/x-www-form-urlencoded")

    assert response.status_code in {400, 422}


def test_the_demo_accounts_are_shown_only_in_the_demo(
    client: Client, settings: LazySettings
) -> None:
    make_user(make_organization(), Role.AUDITOR, username="auditor-of-the-demo")
    shown_before = client.get(URL).content.decode()

    settings.DEMO_PASSWORD = "shown"

    assert "auditor-of-the-demo" not in shown_before
    assert "auditor-of-the-demo" in client.get(URL).content.decode()
