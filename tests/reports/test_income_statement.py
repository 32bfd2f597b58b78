"""The income statement: lines of the chart's form, results, comparisons, and closed years."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from apps.ledgers.models import AccountClass, Ledger
from apps.ledgers.services.closing.transfer import transfer_profit
from apps.reports.domain.income_statement import Amounts
from apps.reports.services.income_layouts import BY_NATURE, LABELS, layout_for
from apps.reports.services.income_statement import IncomeStatement, income_statement_of
from tests.closing_books import Books, make_closing_books
from tests.factories import YEAR, make_account, make_posted
from tests.reports.books import client_of, make_books, scope_of

pytestmark = pytest.mark.django_db


def statement_of(ledger: Ledger, first: str, last: str = "", *, by_year: bool = False,
                 **filters: str) -> IncomeStatement:  # fmt: skip
    periods = list(ledger.periods.all())
    return income_statement_of(
        scope_of(ledger, first, last, **filters), periods, by_year=by_year
    )


def amounts_of(report: IncomeStatement, key: str) -> Amounts:
    return next(row.amounts for _label, row in report.rows if row.key == key)


@pytest.fixture
def books() -> Books:
    """Return books with a sale of 1,000 in January and one of 300 in February."""
    made = make_closing_books()
    for month, sale, cost in ((1, "1000", "600"), (2, "300", "100")):
        day = date(YEAR, month, 15)
        made.post(day, ("1002", sale), ("6001", f"-{sale}"))
        made.post(day, ("6401", cost), ("1405", f"-{cost}"))
    return made


def test_lines_and_results_follow_the_chinese_form(books: Books) -> None:
    report = statement_of(books.ledger, "2026-01")

    assert amounts_of(report, "revenue").current == 1000
    assert amounts_of(report, "cost").current == 600
    assert amounts_of(report, "operating_profit").current == 400
    assert report.net_profit.current == 400


def test_a_range_stands_beside_the_one_before_and_the_year_to_date(books: Books) -> None:
    report = statement_of(books.ledger, "2026-02")

    assert report.net_profit == Amounts(Decimal(200), Decimal(400), Decimal(600), Decimal(0))
    assert report.net_profit.change == -200
    assert report.compared_label == "2026-01"
    assert statement_of(books.ledger, "2026-02", by_year=True).compared_label == "2025-02"


def test_the_transfer_changes_nothing_and_a_closed_month_still_shows_its_figures(
    books: Books,
) -> None:
    transfer_profit(books.period(1), actor=books.senior)
    books.close(1)

    assert statement_of(books.ledger, "2026-01").net_profit.current == 400


def test_an_account_that_no_line_takes_stands_with_the_rest(books: Books) -> None:
    books.accounts["6901"] = make_account(
        books.ledger, "6901", account_class=AccountClass.PROFIT_LOSS,
        statement_section="expense",
    )  # fmt: skip
    books.post(date(YEAR, 1, 20), ("6901", "50"), ("1002", "-50"))

    report = statement_of(books.ledger, "2026-01")

    assert amounts_of(report, "rest").current == -50
    assert report.net_profit.current == 350


def test_a_chart_of_ones_own_has_income_and_expenses() -> None:
    books = make_books()
    make_posted(books.ledger, (books.cash, "100"), (books.sales, "-100"))
    make_posted(books.ledger, (books.rent, "30"), (books.cash, "-30"))

    report = statement_of(books.ledger, "2026-01")

    assert [row.key for _label, row in report.rows] == [
        "income", "expenses", "rest", "net_profit",
    ]  # fmt: skip
    assert amounts_of(report, "expenses").current == 30
    assert report.net_profit.current == 70


def test_every_line_of_every_form_has_a_label() -> None:
    by_nature = layout_for({"4110", "5120", "8100"}, (), ())

    assert by_nature == BY_NATURE
    assert {line.key for line in by_nature} <= set(LABELS)


def test_the_page_leads_to_the_lines_of_an_account(books: Books) -> None:
    url = reverse("reports:income_statement", args=[books.ledger.code])

    page = client_of(books.ledger).get(url, {"first": "2026-01", "with_accounts": "on"})

    detail = reverse("ledgers:account_detail", args=[books.ledger.code, "6401"])
    assert f"{detail}?first=2026-01" in page.content.decode()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_it_is_saved_as_shown(books: Books, kind: str) -> None:
    url = reverse("reports:income_statement_export", args=[books.ledger.code])

    answer = client_of(books.ledger).get(url, {"first": "2026-01", "format": kind})

    content = b"".join(answer)
    assert answer.status_code == 200
    assert kind == "xlsx" or b"Net profit,400.00" in content


def test_a_range_that_ends_before_it_begins_is_refused(books: Books) -> None:
    for name in ("income_statement", "income_statement_export"):
        url = reverse(f"reports:{name}", args=[books.ledger.code])
        answer = client_of(books.ledger).get(url, {"first": "2026-02", "last": "2026-01"})
        assert answer.status_code == 422
