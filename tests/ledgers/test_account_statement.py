"""Account detail 明细账: opening, running balance, pages, exports."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from apps.ledgers.models import EntryKind
from apps.ledgers.services.account_statement import AccountStatement
from apps.ledgers.services.posting import post_entries
from tests.factories import DAY, make_ledger, make_new_entry, make_posted, make_senior
from tests.reports.books import (
    FEBRUARY,
    JANUARY,
    Books,
    client_of,
    figures_of,
    make_books,
    report_of,
    scope_of,
)

pytestmark = pytest.mark.django_db


def _post_many(books: Books, count: int) -> None:
    entries = [
        make_new_entry(
            books.ledger,
            (books.bank, str(number)),
            (books.sales, str(-number)),
            day=DAY + timedelta(days=number % 5),
            maker_id=None,
        )
        for number in range(1, count + 1)
    ]
    post_entries(entries, actor=make_senior(books.ledger), base_currency="CNY")


def test_the_balance_runs_from_the_opening_to_the_closing() -> None:
    books = make_books()
    make_posted(books.ledger, (books.bank, "100"), (books.equity, "-100"))
    february = date(2026, 2, 3)
    make_posted(books.ledger, (books.rent, "30"), (books.bank, "-30"), day=february)
    make_posted(books.ledger, (books.bank, "5"), (books.sales, "-5"), day=february)

    statement = AccountStatement(books.bank, scope_of(books.ledger, FEBRUARY))
    sums = statement.sums()

    lines = statement.lines(sums.opening, offset=0, limit=50)
    assert (sums.opening, sums.closing) == (Decimal(100), Decimal(75))
    assert [line.balance for line in lines] == [Decimal(70), Decimal(75)]


def test_the_balance_is_right_on_every_page() -> None:
    books = make_books()
    _post_many(books, 7)
    statement = AccountStatement(books.bank, scope_of(books.ledger, JANUARY))

    whole = statement.lines(Decimal(0), offset=0, limit=50)
    parts = [
        line
        for offset in (0, 3, 6)
        for line in statement.lines(Decimal(0), offset=offset, limit=3)
    ]

    assert parts == whole
    assert whole[-1].balance == sum(range(1, 8))
    assert statement.count() == 7


def test_a_group_shows_the_lines_of_all_accounts_below_it() -> None:
    books = make_books()
    make_posted(books.ledger, (books.bank, "100"), (books.equity, "-100"))
    make_posted(books.ledger, (books.cash, "20"), (books.bank, "-20"))

    statement = AccountStatement(books.money, scope_of(books.ledger, JANUARY))

    assert statement.count() == 3
    assert statement.sums().closing == Decimal(100)


def test_it_agrees_with_the_trial_balance_also_on_opening_entries() -> None:
    books = make_books()
    opening = (books.bank, "500"), (books.equity, "-500")
    entry = make_posted(books.ledger, *opening, kind=EntryKind.OPENING)
    make_posted(books.ledger, (books.rent, "30"), (books.bank, "-30"))

    statement = AccountStatement(books.bank, scope_of(books.ledger, JANUARY))

    figures = figures_of(report_of(books.ledger, JANUARY), books.bank)
    assert statement.sums().opening == figures.opening_debit == Decimal(500)
    assert [line.credit for line in statement.lines(Decimal(500), offset=0, limit=9)] == [30]
    assert [label for _pk, _code, label in statement.opening_entries()] == [str(entry)]


def test_the_page_leads_to_the_entry() -> None:
    books = make_books()
    entry = make_posted(books.ledger, (books.bank, "100"), (books.equity, "-100"))
    url = reverse("ledgers:account_detail", args=[books.ledger.code, "1002"])

    page = client_of(books.ledger).get(url, {"first": JANUARY}).content.decode()

    assert f'<a href="{entry.get_absolute_url()}">{entry}</a>' in page


def test_the_csv_begins_with_the_opening_and_ends_with_the_closing() -> None:
    books = make_books()
    _post_many(books, 3)
    url = reverse("ledgers:account_detail_export", args=[books.ledger.code, "1002"])

    answer = client_of(books.ledger).get(url, {"first": JANUARY})

    text = answer.getvalue().decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert [row[-1] for row in rows] == ["Balance", "0.00", "1.00", "3.00", "6.00", "6.00"]


def test_the_workbook_can_be_saved() -> None:
    books = make_books()
    _post_many(books, 2)
    url = reverse("ledgers:account_detail_export", args=[books.ledger.code, "1002"])

    answer = client_of(books.ledger).get(url, {"first": JANUARY, "format": "xlsx"})

    assert answer.getvalue().startswith(b"PK")


@pytest.mark.parametrize("name", ["account_detail", "account_detail_export", "account_edit"])
def test_another_tenant_finds_nothing(name: str) -> None:
    books = make_books()
    url = reverse(f"ledgers:{name}", args=[books.ledger.code, "1002"])

    assert client_of(make_ledger()).get(url).status_code == 404


def test_the_balance_is_right_on_pages_that_lie_in_several_periods() -> None:
    books = make_books()
    for month in (1, 1, 2, 3, 3, 3):
        day = date(2026, month, 10)
        make_posted(books.ledger, (books.bank, "7"), (books.sales, "-7"), day=day)
    statement = AccountStatement(books.bank, scope_of(books.ledger, JANUARY, "2026-03"))

    pages = {
        (offset, limit): statement.lines(Decimal(0), offset=offset, limit=limit)
        for offset in range(6)
        for limit in range(1, 7)
    }

    assert statement.count() == 6
    assert {key: [line.balance for line in lines] for key, lines in pages.items()} == {
        (offset, limit): [7 * n for n in range(offset + 1, min(offset + limit, 6) + 1)]
        for offset, limit in pages
    }


def test_it_names_the_opening_entry_of_an_earlier_period() -> None:
    books = make_books()
    opening = (books.bank, "500"), (books.equity, "-500")
    entry = make_posted(books.ledger, *opening, kind=EntryKind.OPENING)

    statement = AccountStatement(books.bank, scope_of(books.ledger, FEBRUARY))

    assert statement.sums().opening == Decimal(500)
    assert [label for _pk, _code, label in statement.opening_entries()] == [str(entry)]


def test_the_page_needs_no_more_queries_for_more_lines(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    books = make_books()
    _post_many(books, 60)
    make_posted(books.ledger, (books.bank, "5"), (books.equity, "-5"), kind=EntryKind.OPENING)
    url = reverse("ledgers:account_detail", args=[books.ledger.code, "1002"])
    client = client_of(books.ledger)

    with django_assert_max_num_queries(12):
        client.get(url, {"first": JANUARY, "page": "2"})
