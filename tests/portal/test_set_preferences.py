"""Language, theme and single keys: kept in cookies and with the person."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from apps.organizations.models import User
from tests.factories import make_organization, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    return make_user(make_organization())


def test_it_keeps_the_theme_of_a_visitor_in_a_cookie(client: Client) -> None:
    response = client.post(reverse("portal:set_preferences"), {"theme": "dark"})

    assert response.status_code == 302
    assert response.cookies["fmis_theme"].value == "dark"


def test_it_keeps_language_and_theme_with_the_person(client: Client, user: User) -> None:
    client.force_login(user)

    client.post(reverse("portal:set_preferences"), {"theme": "auto", "language": "zh-hans"})

    user.refresh_from_db()
    assert (user.theme, user.language) == ("auto", "zh-hans")
    assert user.history.latest().theme == "auto"


def test_it_switches_single_keys_off_and_on(client: Client, user: User) -> None:
    client.force_login(user)

    client.post(reverse("portal:set_preferences"), {"single_keys": "off"})

    user.refresh_from_db()
    assert not user.has_single_key_shortcuts


def test_it_goes_back_to_where_the_person_was(client: Client) -> None:
    response = client.post(
        reverse("portal:set_preferences"), {"language": "en", "next": "/sign-in/?next=/"}
    )

    assert response["Location"] == "/sign-in/?next=/"


@pytest.mark.parametrize("path", ["https://evil.example/", "//evil.example", "javascript:x"])
def test_it_never_leads_away(client: Client, path: str) -> None:
    response = client.post(reverse("portal:set_preferences"), {"theme": "dark", "next": path})

    assert response["Location"] == "/"


def test_it_ignores_what_is_not_on_offer(client: Client) -> None:
    response = client.post(
        reverse("portal:set_preferences"), {"theme": "pink", "language": "xx"}
    )

    assert not response.cookies


def test_a_script_gets_an_empty_answer(client: Client) -> None:
    response = client.post(
        reverse("portal:set_preferences"),
        {"theme": "light"},
        headers={"X-Requested-With": "fetch"},
    )

    assert response.status_code == 204


def test_it_refuses_get(client: Client) -> None:
    response = client.get(reverse("portal:set_preferences"))

    assert response.status_code == 405
