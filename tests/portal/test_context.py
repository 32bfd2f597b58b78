"""What every page knows."""

from __future__ import annotations

from typing import cast

import pytest
from django.test import Client, RequestFactory

from apps.ledgers.models import Ledger
from apps.organizations.permissions import Permission
from apps.portal.context import Shell, shell
from tests.factories import make_accountant, make_ledger, make_organization, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ledger() -> Ledger:
    return make_ledger()


def _shell(client: Client) -> Shell:
    return cast("Shell", client.get("/").context["shell"])


def test_it_knows_ledger_open_period_and_person(client: Client, ledger: Ledger) -> None:
    user = make_accountant(ledger)
    user.first_name, user.last_name = "Na", "Li"
    user.save()
    client.force_login(user)

    frame = _shell(client)

    assert frame.ledger == ledger
    assert str(frame.open_period) == "2026-03"
    assert (frame.initials, frame.role_names) == ("NL", "Accountant")


def test_the_ledger_of_the_address_wins(client: Client, ledger: Ledger) -> None:
    other = make_ledger(ledger.organization)
    client.force_login(make_accountant(ledger))
    session = client.session
    session["ledger"] = other.code
    session.save()

    assert _shell(client).ledger == other


@pytest.mark.parametrize(
    ("cookie", "theme", "shown"),
    [("dark", "dark", "dark"), ("auto", "auto", "light"), ("pink", "auto", "light")],
)
def test_the_theme_comes_from_the_cookie(
    client: Client, ledger: Ledger, cookie: str, theme: str, shown: str
) -> None:
    client.force_login(make_accountant(ledger))
    client.cookies["fmis_theme"] = cookie

    frame = _shell(client)

    assert (frame.theme, frame.shown_theme) == (theme, shown)


def test_without_a_cookie_the_theme_is_the_persons(client: Client) -> None:
    client.force_login(make_user(make_organization(), theme="dark"))

    assert _shell(client).theme == "dark"


def test_permissions_are_asked_by_name(client: Client, ledger: Ledger) -> None:
    client.force_login(make_accountant(ledger))

    can = client.get("/").context["can"]

    assert can["entry_draft"]
    assert not can[Permission.ENTRY_POST]


def test_an_unknown_permission_is_a_bug() -> None:
    can = shell(RequestFactory().get("/"))["can"]

    with pytest.raises(RuntimeError, match="entry_psot"):
        can["entry_psot"]
