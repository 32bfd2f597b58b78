"""Two ledgers of one company: the management ledger holds only what it sees differently."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from apps.ledgers.errors import PeriodTakesNoEntries
from apps.ledgers.models import Ledger, PeriodState
from apps.ledgers.services.closing.transfer import transfer_profit
from apps.reports.services.income_statement import income_statement_of
from tests.closing_books import Books, make_closing_books
from tests.factories import YEAR, make_ledger
from tests.reports.books import client_of, figures_of, report_of, scope_of

pytestmark = pytest.mark.django_db
JANUARY_31 = date(YEAR, 1, 31)


@pytest.fixture
def statutory() -> Books:
    """Return the statutory books with a depreciation of 10,000 in January."""
    books = make_closing_books()
    books.post(JANUARY_31, ("6602", "10000"), ("1405", "-10000"))
    return books


@pytest.fixture
def management(statutory: Books) -> Books:
    """Return the management ledger, which takes 2,000 of it back in red."""
    base = statutory.ledger
    ledger = make_ledger(
        base.organization, entity=base.entity, chart=base.chart, base_ledger=base,
        purpose=Ledger.Purpose.MANAGEMENT,
    )  # fmt: skip
    books = Books(
        ledger, statutory.accounts, statutory.senior, statutory.approver, statutory.accountant
    )
    books.post(JANUARY_31, ("1405", "2000"), ("6602", "-2000"))
    return books


def expenses(books: Books) -> object:
    """Return the net profit of January as its income statement shows it."""
    scope = scope_of(books.ledger, "2026-01")
    report = income_statement_of(scope, list(books.ledger.periods.all()), by_year=False)
    return -report.net_profit.current


def test_each_ledger_reports_its_own_view(statutory: Books, management: Books) -> None:
    assert expenses(statutory) == 10000
    assert expenses(management) == 8000
    report = report_of(management.ledger, "2026-01")
    stock = figures_of(report, statutory.accounts["1405"])
    assert stock.closing_credit == 8000


def test_closing_the_statutory_ledger_leaves_the_management_ledger_its_own_period(
    statutory: Books, management: Books
) -> None:
    transfer_profit(statutory.period(1), actor=statutory.senior)
    statutory.close(1)

    with pytest.raises(PeriodTakesNoEntries):
        statutory.post(JANUARY_31, ("6602", "1"), ("1405", "-1"))
    management.post(JANUARY_31, ("1405", "500"), ("6602", "-500"))

    assert expenses(management) == 7500
    assert expenses(statutory) == 10000


def test_a_delta_closes_its_own_lines(statutory: Books, management: Books) -> None:
    transfer_profit(management.period(1), actor=management.senior)

    assert management.close(1).state == PeriodState.CLOSED
    assert management.openings(2) == {"1405": 2000, "4103": -2000}
    assert statutory.period(1).state == PeriodState.OPEN
    assert expenses(management) == 8000


@pytest.mark.parametrize("report", ["trial_balance", "income_statement", "balance_sheet"])
def test_the_head_of_each_report_says_what_it_adds_up(management: Books, report: str) -> None:
    url = reverse(f"reports:{report}", args=[management.ledger.code])

    page = client_of(management.ledger).get(url, {"first": "2026-01", "last": "2026-01"})

    base = management.ledger.base_ledger
    assert base is not None
    words = f"{base.label} plus the adjustments of {management.ledger.label}"
    assert words in page.content.decode()
