"""Every URL × every method × every role, nobody, and the people of another organization."""

from __future__ import annotations

from copy import deepcopy
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from apps.organizations.permissions import Role
from tests.factories import make_organization, make_user
from tests.permission_table import EXPECTED, Expected
from tests.permission_world import World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpResponse
    from pytest_django import DjangoDbBlocker

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
FORM = "application/x-www-form-urlencoded"
DENIED = "You may not do this"
# What anybody does who is signed in, with or without a role.
OF_EVERYBODY = {"portal:home", "organizations:password_change"}
# Links that let in whoever holds them.
PUBLIC_WITH_PARAMETERS = {"organizations:password_set"}
# What concerns some people only: who else may do such things does not find it.
_CONCERNED = {Role.ACCOUNTANT, Role.SENIOR_ACCOUNTANT, Role.APPROVER, Role.AUDITOR}
PERSONAL = {
    "approvals:delegation_revoke": {Role.TREASURY, Role.ADMIN},
    "approvals:batch_detail": {Role.APPROVER},
    "approvals:batch_undo": {Role.APPROVER},
    "approvals:saved_filter_delete": {Role.ACCOUNTANT},
    "ledgers:saved_view_delete": {Role.ACCOUNTANT},
    "approvals:approval_detail": _CONCERNED,
    "approvals:approval_approve": _CONCERNED,
    "approvals:approval_reject": _CONCERNED,
    "approvals:approval_return": _CONCERNED,
    "approvals:approval_ask": _CONCERNED,
    "approvals:approval_answer": _CONCERNED,
    "approvals:approval_comment": _CONCERNED,
    "approvals:approval_attach": _CONCERNED,
    "approvals:request_attachment_download": _CONCERNED,
    "approvals:approval_delegate": _CONCERNED,
}


def url_patterns(
    resolver: URLResolver, namespace: str = ""
) -> Iterator[tuple[str, URLPattern]]:
    """Yield every URL of the project with its full name."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from url_patterns(entry, inner)
        else:
            yield f"{namespace}{entry.name}", entry


OURS = [
    (name, pattern)
    for name, pattern in url_patterns(get_resolver())
    if not name.startswith("admin:")
]
CASES = [
    pytest.param(name, tuple(pattern.pattern.converters), id=f"{name}-{place}")
    for place, (name, pattern) in enumerate(OURS)
]

OF_ONE_TENANT = [
    case for case in CASES if case.values[1] and case.values[0] not in PUBLIC_WITH_PARAMETERS
]


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """Return two organizations with everything in them, committed once for all tests."""
    with django_db_blocker.unblock():
        yield World()
        call_command("flush", verbosity=0, interactive=False, inhibit_post_migrate=True)


def ask(client: Client, method: str, url: str, body: str = "") -> Any:
    """Send a request and undo what it did, to the database and to the cookies."""
    cookies = deepcopy(client.cookies)
    with transaction.atomic():
        response = client.generic(method, url, body, content_type=FORM)
        if response.streaming:
            response.getvalue()
        transaction.set_rollback(True)
    client.cookies = cookies
    return response


def is_denied(response: HttpResponse) -> bool:
    """Say whether the permission was missing, as opposed to a rule that refused."""
    return (
        response.status_code == HTTPStatus.FORBIDDEN
        and not response.streaming
        and DENIED in response.content.decode()
    )


def is_sent_to_sign_in(response: HttpResponse) -> bool:
    """Say whether a redirect leads to the sign-in page."""
    return response.status_code == HTTPStatus.FOUND and response["Location"].startswith(
        reverse("organizations:sign_in")
    )


def works(response: HttpResponse) -> bool:
    """Say whether the view itself answered: the page, or a refusal in its own words."""
    status = response.status_code
    return (
        status < HTTPStatus.INTERNAL_SERVER_ERROR
        and status not in {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}
        and not is_denied(response)
        and not is_sent_to_sign_in(response)
    )


def is_answered(row: Expected, method: str) -> bool:
    """Say whether the URL answers the method; HEAD goes with GET."""
    return ("GET" if method == "HEAD" else method) in row.methods


def test_every_url_stands_in_the_table() -> None:
    assert {name for name, _pattern in OURS} - set(EXPECTED) == set()


def test_every_row_of_the_table_is_a_url() -> None:
    assert set(EXPECTED) - {name for name, _pattern in OURS} == set()


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "parameters"), CASES)
def test_a_url_works_for_the_roles_of_the_table_and_for_no_other(
    world: World, name: str, parameters: tuple[str, ...]
) -> None:
    row, url = EXPECTED[name], world.url(name, parameters)
    for role, client in world.people.items():
        for method in METHODS:
            response = ask(client, method, url, world.body(name))
            case = f"{method} {url} as {role}: {response.status_code}"
            if not is_answered(row, method):
                assert response.status_code == HTTPStatus.METHOD_NOT_ALLOWED, case
            elif role in row.roles and role not in PERSONAL.get(name, {role}):
                assert response.status_code == HTTPStatus.NOT_FOUND, case
            elif role in row.roles:
                assert works(response) or is_public_redirect(row, response), case
            else:
                assert is_denied(response) or method == "HEAD", case
                assert response.status_code == HTTPStatus.FORBIDDEN, case


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "parameters"), CASES)
def test_nobody_gets_further_than_the_sign_in_page(
    world: World, name: str, parameters: tuple[str, ...]
) -> None:
    row, url = EXPECTED[name], world.url(name, parameters)
    for method in METHODS:
        response = ask(Client(), method, url)
        case = f"{method} {url}: {response.status_code}"
        if not is_answered(row, method):
            assert response.status_code == HTTPStatus.METHOD_NOT_ALLOWED, case
        elif row.is_public:
            assert works(response) or is_public_redirect(row, response), case
        else:
            assert is_sent_to_sign_in(response), case


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "parameters"), OF_ONE_TENANT)
def test_people_of_another_organization_find_nothing(
    world: World, name: str, parameters: tuple[str, ...]
) -> None:
    row, url = EXPECTED[name], world.url(name, parameters)
    for role, client in world.strangers.items():
        for method in METHODS:
            response = ask(client, method, url, world.body(name))
            case = f"{method} {url} as a foreign {role}: {response.status_code}"
            if not is_answered(row, method):
                assert response.status_code == HTTPStatus.METHOD_NOT_ALLOWED, case
            elif role in row.roles:
                assert response.status_code == HTTPStatus.NOT_FOUND, case
            else:
                assert response.status_code == HTTPStatus.FORBIDDEN, case


def is_public_redirect(row: Expected, response: HttpResponse) -> bool:
    """Say whether a public view sends people on, be it to the sign-in page."""
    return row.is_public and response.status_code == HTTPStatus.FOUND


def admin_urls() -> list[str]:
    """Return an address for every URL of the stock admin but sign-in and sign-out."""
    found = []
    for name, pattern in url_patterns(get_resolver()):
        if name.startswith("admin:") and name.split(":")[1] not in {"login", "logout", "None"}:
            values = dict.fromkeys(pattern.pattern.regex.groupindex, "1")
            values |= dict.fromkeys(pattern.pattern.converters, "1")
            values |= {"app_label": "ledgers"} if "app_label" in values else {}
            found.append(reverse(name, kwargs=values))
    return found


@pytest.mark.django_db
def test_the_stock_admin_is_closed_to_everybody_but_superusers(world: World) -> None:
    for url in admin_urls():
        if url.endswith("/jsi18n/"):
            continue
        visitors = {
            "nobody": Client(),
            "staff": world.staff,
            "administrator": world.people[Role.ADMIN],
        }
        for role, client in visitors.items():
            for method in ("GET", "POST"):
                response = ask(client, method, url)
                case = f"{method} {url} as {role}: {response.status_code}"
                assert response.status_code == HTTPStatus.FOUND, case
                assert response["Location"].startswith("/admin/login/"), case


@pytest.mark.django_db
def test_a_superuser_reads_the_books_in_the_admin_and_changes_nothing(world: World) -> None:
    for url in admin_urls():
        if "/ledgers/" not in url and "/audit/" not in url:
            continue
        seen = ask(world.superuser, "GET", url).status_code
        assert seen < HTTPStatus.INTERNAL_SERVER_ERROR, url
        if url.endswith(("/add/", "/delete/")):
            assert seen != HTTPStatus.OK, url
            assert ask(world.superuser, "POST", url).status_code in {302, 403, 404}, url


@pytest.mark.django_db
def test_a_superuser_sees_no_books_in_the_application(world: World) -> None:
    url = world.url("ledgers:journal_entry_list", ("ledger",))

    assert ask(world.superuser, "GET", url).status_code == HTTPStatus.FORBIDDEN


@pytest.mark.django_db
def test_a_person_without_a_role_sees_only_the_start_page() -> None:
    client = Client()
    client.force_login(make_user(make_organization()))
    allowed = {name for name, row in EXPECTED.items() if row.is_public} | OF_EVERYBODY

    for name, pattern in OURS:
        if name not in allowed and not pattern.pattern.converters:
            method = "GET" if "GET" in EXPECTED[name].methods else "POST"
            assert ask(client, method, reverse(name)).status_code == HTTPStatus.FORBIDDEN, name


def test_every_role_stands_in_the_table() -> None:
    assert {role for row in EXPECTED.values() for role in row.roles} == set(Role)
