"""The balance sheet: three sections that agree, before and after the profit is transferred."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from apps.ledgers.models import AccountClass, Ledger
from apps.ledgers.services.closing.transfer import transfer_profit
from apps.reports.domain.balance_sheet import BalanceSheet
from apps.reports.services.balance_sheet import balance_sheet_of
from tests.closing_books import Books, make_closing_books
from tests.factories import YEAR, make_account
from tests.reports.books import client_of, scope_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def books() -> Books:
    """Return books with capital of 1,000 and a profit of 400 in January."""
    made = make_closing_books()
    day = date(YEAR, 1, 15)
    made.post(day, ("1002", "1000"), ("4001", "-1000"))
    made.post(day, ("1002", "500"), ("6001", "-500"))
    made.post(day, ("6602", "100"), ("2202", "-100"))
    return made


def sheet_of(ledger: Ledger, last: str = "2026-01", depth: int = 1) -> BalanceSheet:
    return balance_sheet_of(scope_of(ledger, last), list(ledger.periods.all()), depth=depth)


def closings(sheet: BalanceSheet) -> list[object]:
    return [section.total.closing for section in sheet.sections]


def test_assets_are_liabilities_and_equity_before_the_transfer_and_after_it(
    books: Books,
) -> None:
    before = sheet_of(books.ledger)
    transfer_profit(books.period(1), actor=books.senior)
    after = sheet_of(books.ledger)

    assert closings(before) == closings(after) == [1500, 100, 1400]
    assert not before.difference + after.difference
    assert before.sections[2].rows[-1].account is None
    assert all(row.account for row in after.sections[2].rows)


def test_the_beginning_of_the_year_stands_beside_the_end(books: Books) -> None:
    sheet = sheet_of(books.ledger, "2026-02")

    assert sheet.claims.closing == 1500
    assert sheet.claims.opening == 0


def test_a_common_account_stands_where_its_balance_does(books: Books) -> None:
    books.accounts["3101"] = make_account(
        books.ledger, "3101", account_class=AccountClass.COMMON
    )
    books.post(date(YEAR, 1, 20), ("1002", "70"), ("3101", "-70"))

    assert closings(sheet_of(books.ledger)) == [1570, 170, 1400]


def test_the_page_shows_it_and_saves_it(books: Books) -> None:
    client = client_of(books.ledger)
    page = client.get(reverse("reports:balance_sheet", args=[books.ledger.code]),
                      {"last": "2026-01"})  # fmt: skip
    export = reverse("reports:balance_sheet_export", args=[books.ledger.code])

    assert "Profit and loss not transferred yet" in page.content.decode()
    saved = b"".join(client.get(export, {"last": "2026-01"}))
    assert b"Assets,1500.00,0.00" in saved
    assert client.get(export, {"last": "1999-01"}).status_code == 422
    workbook = client.get(export, {"last": "2026-01", "format": "xlsx"})
    assert b"".join(workbook).startswith(b"PK")
    workbook.close()
