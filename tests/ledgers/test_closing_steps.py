"""Revaluation, profit transfer and year end: what each posts, once, and where."""

from __future__ import annotations

from datetime import date

import pytest

from apps.ledgers.closing_errors import (
    ClosingAccountIsMissing,
    NextPeriodIsNotOpen,
    NotTheLastPeriod,
    PeriodTakesNoClosingEntries,
)
from apps.ledgers.item_errors import SystemAccountIsMissing
from apps.ledgers.models import JournalEntry, PeriodState
from apps.ledgers.services.closing.revaluation import planned_revaluation, revalue_period
from apps.ledgers.services.closing.settings import closing_settings_of, save_closing_settings
from apps.ledgers.services.closing.transfer import transfer_profit
from apps.ledgers.services.closing.year_end import run_year_end
from apps.ledgers.services.periods import change_period
from apps.ledgers.services.system_entries import exchange_account
from tests.closing_books import Books, hold_dollars, item_of, last_day, make_closing_books
from tests.factories import (
    YEAR,
    make_account,
    make_accountant,
    make_ledger,
    make_senior,
    period_of,
)
from tests.fx.rates import make_own

pytestmark = pytest.mark.django_db
JANUARY_15 = date(YEAR, 1, 15)


@pytest.fixture
def books() -> Books:
    """Return books to close."""
    return make_closing_books()


def test_a_closing_rate_wins_over_the_spot_rate(books: Books) -> None:
    hold_dollars(books)
    organization = books.ledger.organization
    make_own(organization, "USD/CNY", "7.30", on=last_day(1))
    make_own(organization, "USD/CNY", "7.25", on=last_day(1), rate_type="closing")

    plan = planned_revaluation(books.period(1))

    assert plan.total == 150
    assert plan.rates["USD"].rate_type == "closing"


def test_what_is_left_of_a_balance_that_was_paid_out_is_a_difference(books: Books) -> None:
    hold_dollars(books)
    books.post(JANUARY_15, ("4001", "7200.00"), ("100201", "-7200.00", "USD", "-1000"))

    revalue_period(books.period(1), actor=books.senior)

    assert not any(books.foreign("100201"))
    assert books.balance("660303") == -100


def test_rates_that_a_revaluation_used_stay_with_its_entry(books: Books) -> None:
    hold_dollars(books)
    rate = make_own(books.ledger.organization, "USD/CNY", "7.20", on=last_day(1))

    entry = revalue_period(books.period(1), actor=books.senior)

    assert entry is not None
    kept = entry.closing_entry.facts["rates"]["USD"]
    assert (kept["rate"], kept["rate_ids"]) == ("7.2000000000", [rate.pk])
    rate.refresh_from_db()
    assert rate.is_used


def test_an_automatic_reversal_stands_on_the_first_day_of_the_next_period(
    books: Books,
) -> None:
    save_closing_settings(
        books.ledger, version=None, actor=books.senior, fx_method="auto_reverse"
    )
    hold_dollars(books)
    make_own(books.ledger.organization, "USD/CNY", "7.25", on=last_day(1))

    entry = revalue_period(books.period(1), actor=books.senior)

    reversal = JournalEntry.objects.get(reversal_of=entry)
    assert (reversal.entry_date, reversal.state) == (date(YEAR, 2, 1), "posted")
    assert list(books.foreign("100201")) == [1000, 7100]
    assert item_of(books, "revaluation").is_ok
    assert revalue_period(books.period(1), actor=books.senior) is None


def test_an_automatic_reversal_asks_for_an_open_next_period(books: Books) -> None:
    save_closing_settings(
        books.ledger, version=None, actor=books.senior, fx_method="auto_reverse"
    )
    books.post(date(YEAR, 3, 1), ("100201", "7100.00", "USD", "1000"), ("4001", "-7100.00"))
    make_own(books.ledger.organization, "USD/CNY", "7.25", on=last_day(3))

    with pytest.raises(NextPeriodIsNotOpen):
        revalue_period(books.period(3), actor=books.senior)


def test_closing_entries_go_into_a_closing_period_where_ordinary_ones_do_not(
    books: Books,
) -> None:
    books.post(JANUARY_15, ("1002", "10.00"), ("6001", "-10.00"))
    january = books.period(1)
    change_period(january, PeriodState.CLOSING, version=january.version, actor=books.senior)

    transfer = transfer_profit(books.period(1), actor=books.senior)

    assert transfer is not None
    assert transfer.maker.username == f"system@{books.ledger.organization.code}"
    assert transfer.checker == books.senior
    with pytest.raises(PeriodTakesNoClosingEntries):
        transfer_profit(books.period(5), actor=books.senior)


def test_profit_keeps_its_dimensions_and_currencies_until_it_is_nil(books: Books) -> None:
    books.post(JANUARY_15, ("1002", "71.00"), ("6001", "-71.00", "USD", "-10"))
    books.post(JANUARY_15, ("6001", "72.00", "USD", "10"), ("1002", "-72.00"))

    transfer_profit(books.period(1), actor=books.senior)
    books.close(1)

    assert not any(books.foreign("6001"))
    assert books.openings(2) == {"1002": -1, "4103": 1}


def test_a_ledger_without_the_accounts_says_which_is_missing() -> None:
    ledger = make_ledger()
    senior = make_senior(ledger)
    bank = make_account(ledger, "10")
    sales = make_account(ledger, "60", account_class="profit_loss", normal_side=-1)
    books = Books(ledger, {"10": bank, "60": sales}, senior, senior, make_accountant(ledger))
    books.approver = make_senior(ledger)
    books.post(JANUARY_15, ("10", "1.00"), ("60", "-1.00"))

    with pytest.raises(ClosingAccountIsMissing, match="profit for the year"):
        transfer_profit(period_of(ledger, 1), actor=senior)
    with pytest.raises(SystemAccountIsMissing, match="exchange gains"):
        exchange_account(ledger, is_gain=True)


def test_settings_suggest_the_accounts_of_the_chart_until_others_are_saved(
    books: Books,
) -> None:
    suggested = closing_settings_of(books.ledger).reserve_account

    save_closing_settings(books.ledger, version=None, actor=books.senior, reserve_account=None)

    assert suggested == books.accounts["410101"]
    assert closing_settings_of(books.ledger).reserve_account is None


def test_a_year_ends_only_with_its_last_period(books: Books) -> None:
    with pytest.raises(NotTheLastPeriod, match="2026-02"):
        run_year_end(books.period(2), actor=books.senior, tell=lambda: None)


def test_a_line_without_a_foreign_amount_is_for_revaluations_alone(books: Books) -> None:
    hold_dollars(books)

    with pytest.raises(Exception, match="no amount in its currency"):
        books.post(JANUARY_15, ("100201", "5.00", "USD", "0.0"), ("4001", "-5.00"))
