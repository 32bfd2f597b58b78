"""The page of the trial balance, its links and its exports."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from python_calamine import CalamineWorkbook

from apps.ledgers.models import Ledger
from apps.organizations.permissions import Role
from tests.factories import make_ledger, make_posted, make_system_user
from tests.reports.books import Books, client_of, make_books

pytestmark = pytest.mark.django_db


def _books() -> Books:
    books = make_books()
    make_posted(books.ledger, (books.bank, "1234.5"), (books.equity, "-1234.5"))
    return books


def test_it_links_every_number_to_the_account_in_the_same_scope() -> None:
    books = _books()
    url = reverse("reports:trial_balance", args=[books.ledger.code])

    page = client_of(books.ledger).get(url, {"first": "2026-01", "last": "2026-01"})

    detail = reverse("ledgers:account_detail", args=[books.ledger.code, "1002"])
    link = f'<a href="{detail}?first=2026-01&amp;last=2026-01">1,234.50</a>'
    assert page.content.decode().count(link) == 2
    assert "Balanced to the cent" in page.content.decode()


def test_it_asks_few_questions_however_many_accounts() -> None:
    books = _books()
    client = client_of(books.ledger)
    url = reverse("reports:trial_balance", args=[books.ledger.code])

    with CaptureQueriesContext(connection) as queries:
        client.get(url)

    statements = [q for q in queries.captured_queries if "SAVEPOINT" not in q["sql"]]
    assert len(statements) <= 12, [q["sql"][:90] for q in statements]


@pytest.mark.parametrize(
    "query",
    [
        {"first": "2026-02", "last": "2026-01"},
        {"first": "nonsense"},
        {"dimension": "NOBODY"},
        {"level": "99"},
        {"account_class": "'; --"},
    ],
)
def test_it_refuses_wrong_filters_at_their_field(query: dict[str, str]) -> None:
    books = _books()
    url = reverse("reports:trial_balance", args=[books.ledger.code])

    page = client_of(books.ledger).get(url, query)

    assert page.status_code == 422
    assert "invalid-feedback" in page.content.decode()


def test_the_csv_holds_what_the_page_shows() -> None:
    books = _books()
    url = reverse("reports:trial_balance_export", args=[books.ledger.code])

    answer = client_of(books.ledger).get(url, {"first": "2026-01"})

    text = answer.getvalue().decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[2] == [
        "1002",
        "Bank",
        "Assets",
        "0.00",
        "0.00",
        "1234.50",
        "0.00",
        "1234.50",
        "0.00",
    ]
    assert rows[-1][5:7] == ["1234.50", "1234.50"]


def test_the_workbook_holds_the_same_numbers() -> None:
    books = _books()
    url = reverse("reports:trial_balance_export", args=[books.ledger.code])

    answer = client_of(books.ledger).get(url, {"first": "2026-01", "format": "xlsx"})

    content = io.BytesIO(answer.getvalue())
    rows = CalamineWorkbook.from_filelike(content).get_sheet_by_index(0).to_python()
    assert rows[2][:2] == ["1002", "Bank"]
    assert Decimal(str(rows[-1][5])) == Decimal("1234.5")


def test_an_administrator_sees_no_figures() -> None:
    books = _books()
    url = reverse("reports:trial_balance", args=[books.ledger.code])

    assert client_of(books.ledger, Role.ADMIN).get(url).status_code == 403


@pytest.mark.parametrize("name", ["trial_balance", "trial_balance_export"])
def test_another_tenant_finds_nothing(name: str) -> None:
    books = _books()
    url = reverse(f"reports:{name}", args=[books.ledger.code])

    assert client_of(make_ledger()).get(url).status_code == 404


def test_a_ledger_without_periods_says_so() -> None:
    books = make_books()
    ledger = Ledger.create_versioned(
        actor=make_system_user(),
        organization=books.ledger.organization,
        entity=books.ledger.entity,
        chart=books.ledger.chart,
        code="empty",
        name="Empty",
        purpose=Ledger.Purpose.TAX,
        base_currency_id="CNY",
    )
    url = reverse("reports:trial_balance", args=[ledger.code])

    page = client_of(books.ledger).get(url)

    assert page.status_code == 200
    assert "no periods yet" in page.content.decode()
