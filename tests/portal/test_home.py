"""My work: each role sees what waits for it, and nothing of another tenant."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import DjangoAssertNumQueries

from apps.ledgers.models import Account, Ledger
from apps.ledgers.services.closing.reopen import request_reopening
from apps.ledgers.services.decisions import reject_journal_entry
from apps.organizations.permissions import Role
from tests.approvals.imported import Import
from tests.approvals.rounds import ask, make_flow
from tests.closing_books import make_closing_books
from tests.factories import (
    make_account,
    make_accountant,
    make_approved,
    make_approver,
    make_draft,
    make_ledger,
    make_organization,
    make_posted,
    make_senior,
    make_submitted,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def ledger() -> Ledger:
    return make_ledger()


@pytest.fixture
def lines(ledger: Ledger) -> tuple[tuple[Account, str], tuple[Account, str]]:
    return (make_account(ledger), "100.00"), (make_account(ledger), "-100.00")


def _page(client: Client, user: object) -> str:
    client.force_login(user)  # type: ignore[arg-type]
    response = client.get("/")
    assert response.status_code == 200
    return response.content.decode()


def test_a_visitor_is_sent_to_sign_in(client: Client) -> None:
    response = client.get("/")

    assert response.status_code == 302
    assert response["Location"].startswith("/sign-in/")


def test_what_asks_somebody_else_does_not_wait_for_an_approver(
    client: Client, ledger: Ledger, lines: tuple[tuple[Account, str], ...]
) -> None:
    asked, other = make_approver(ledger), make_approver(ledger)
    make_flow(ledger.organization, ask(asked))
    make_submitted(ledger, *lines, summary="Rent of January")

    assert "Rent of January" in _page(client, asked)
    assert "Rent of January" not in _page(client, other)


def test_an_approver_sees_what_others_submitted(
    client: Client, ledger: Ledger, lines: tuple[tuple[Account, str], ...]
) -> None:
    entry = make_submitted(ledger, *lines, summary="Rent of January")

    page = _page(client, make_approver(ledger))

    assert "Rent of January" in page
    assert entry.get_absolute_url() in page
    assert "1 entry waits for you" in page


def test_a_senior_accountant_sees_what_is_to_be_posted(
    client: Client, ledger: Ledger, lines: tuple[tuple[Account, str], ...]
) -> None:
    make_approved(ledger, *lines, summary="Approved rent")

    page = _page(client, make_senior(ledger))

    assert "Approved rent" in page
    assert "Approved, to be posted" in page


def test_an_accountant_sees_returned_entries_with_their_reason(
    client: Client, ledger: Ledger, lines: tuple[tuple[Account, str], ...]
) -> None:
    maker = make_accountant(ledger)
    entry = make_submitted(ledger, *lines, maker=maker)
    reject_journal_entry(
        entry, version=entry.version, reason="Wrong month", actor=make_approver(ledger)
    )

    page = _page(client, maker)

    assert "Wrong month" in page
    assert "To approve" not in page


def test_entries_of_an_import_wait_in_the_inbox_as_one(client: Client) -> None:
    subject = Import().asked()

    page = _page(client, subject.first)

    assert "Rent" not in page
    assert f'href="{reverse("approvals:approval_list")}"' in page


def test_posted_entries_wait_for_nobody(
    client: Client, ledger: Ledger, lines: tuple[tuple[Account, str], ...]
) -> None:
    make_posted(ledger, *lines, summary="Done already")

    page = _page(client, make_senior(ledger))

    assert "Done already" not in page


def test_it_shows_nothing_of_another_organization(
    client: Client, ledger: Ledger, lines: tuple[tuple[Account, str], ...]
) -> None:
    make_submitted(ledger, *lines, summary="Secret of the first")

    page = _page(client, make_approver(make_ledger()))

    assert "Secret of the first" not in page
    assert ledger.code not in page


def test_an_auditor_is_told_where_to_begin(client: Client, ledger: Ledger) -> None:
    page = _page(client, make_user(ledger.organization, Role.AUDITOR))

    assert "Where to begin" in page
    assert "New journal entry" not in page.replace("New journal entry</dt>", "")


def test_an_administrator_sees_people_and_no_books(client: Client, ledger: Ledger) -> None:
    page = _page(client, make_user(ledger.organization, Role.ADMIN))

    assert "/people/" in page
    assert ledger.code not in page


def test_somebody_without_a_role_is_told_whom_to_ask(client: Client) -> None:
    page = _page(client, make_user(make_organization()))

    assert "There is nothing here for you yet" in page


def test_a_new_browser_takes_on_the_language_of_the_person(
    client: Client, ledger: Ledger
) -> None:
    client.force_login(make_user(ledger.organization, Role.APPROVER, language="zh-hans"))

    response = client.get("/")

    assert response.cookies[settings.LANGUAGE_COOKIE_NAME].value == "zh-hans"
    assert '<html lang="zh-hans"' in response.content.decode()


def test_its_queries_do_not_grow_with_the_entries(
    client: Client,
    ledger: Ledger,
    lines: tuple[tuple[Account, str], ...],
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    senior = make_senior(ledger)
    for _ in range(4):
        make_submitted(ledger, *lines)
        make_approved(ledger, *lines)
        make_draft(ledger, *lines, maker=senior)
    client.force_login(senior)

    with django_assert_max_num_queries(13):
        client.get("/")


def test_who_decides_sees_the_periods_that_others_want_to_reopen(client: Client) -> None:
    books = make_closing_books()
    books.close(1)
    request_reopening(books.period(1), actor=books.senior, reason="The carrier was late")
    link = reverse("ledgers:period_close", args=[books.ledger.code, books.period(1).pk])

    pages = [_page(client, user) for user in (books.approver, books.senior, books.accountant)]

    assert [link in page for page in pages] == [True, False, False]
    assert "The carrier was late" in pages[0]


def test_what_happened_is_a_page_and_a_part_of_home(client: Client, ledger: Ledger) -> None:
    client.force_login(make_senior(ledger))
    url = reverse("portal:activity")

    page = client.get(url).content.decode()
    part = client.get(url, headers={"HX-Request": "true"}).content.decode()

    assert f'hx-get="{url}"' in client.get("/").content.decode()
    assert "<html" in page
    assert "<html" not in part
