"""Closing a month and a year, as an accountant would check it on paper."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from apps.ledgers.closing_errors import NotClosed
from apps.ledgers.errors import PeriodCannotChange
from apps.ledgers.models import CloseRun, JournalEntry, PeriodState
from apps.ledgers.services.closing.revaluation import revalue_period
from apps.ledgers.services.closing.transfer import transfer_profit
from apps.ledgers.services.closing.year_end import run_year_end
from apps.ledgers.services.periods import change_period
from apps.ledgers.services.verification import verify_inside_a_transaction
from apps.reports.services.income_statement import income_statement_of
from tests.closing_books import Books, last_day, make_closing_books
from tests.factories import YEAR
from tests.fx.rates import make_own
from tests.reports.books import scope_of

pytestmark = pytest.mark.django_db
JANUARY_15 = date(YEAR, 1, 15)


def trade(books: Books, day: date = JANUARY_15) -> None:
    """Sell for 1,000.00 what cost 600.00."""
    books.post(day, ("1002", "1000.00"), ("6001", "-1000.00"))
    books.post(day, ("6401", "600.00"), ("1405", "-600.00"))


def holds(books: Books) -> None:
    """Prove the whole books."""
    found = [one for one in verify_inside_a_transaction(books.ledger.pk) if one.count]
    assert found == []


def year_of_the_example() -> Books:
    """Return the books of a year with the figures of the textbook, all in December."""
    books = make_closing_books()
    for number in range(1, 12):
        period = books.period(number)
        if period.state == PeriodState.FUTURE:
            change_period(period, PeriodState.OPEN, version=1, actor=books.senior)
        books.close(number)
    change_period(books.period(12), PeriodState.OPEN, version=1, actor=books.senior)
    december = last_day(12)
    books.post(december, ("1002", "1000000.00"), ("6001", "-1000000.00"))
    books.post(december, ("1002", "1010.00"), ("660303", "-1010.00"))
    books.post(december, ("6401", "600000.00"), ("1002", "-600000.00"))
    books.post(december, ("6602", "150000.00"), ("1002", "-150000.00"))
    books.post(december, ("680101", "62752.50"), ("222113", "-62752.50"))
    return books


def test_a_year_ends_with_its_profit_in_retained_earnings_and_reserve() -> None:
    books = year_of_the_example()

    run_year_end(books.period(12), actor=books.senior, tell=lambda: None)

    codes = ("6001", "6401", "6602", "660303", "680101", "4103", "410401")
    assert {code: books.balance(code) for code in codes} == dict.fromkeys(codes, Decimal(0))
    assert books.balance("410101") == Decimal("-18825.75")
    assert books.balance("410406") == Decimal("-169431.75")
    holds(books)


def test_the_income_statement_of_a_closed_year_still_shows_its_figures() -> None:
    books = year_of_the_example()
    run_year_end(books.period(12), actor=books.senior, tell=lambda: None)

    scope = scope_of(books.ledger, "2026-01", "2026-12")
    report = income_statement_of(scope, list(books.ledger.periods.all()), by_year=False)

    shown = {row.key: row.amounts.current for _label, row in report.rows}
    assert shown["revenue"] == Decimal("1000000.00")
    assert shown["profit_before_tax"] == Decimal("251010.00")
    assert shown["net_profit"] == Decimal("188257.50")


def test_a_new_year_opens_with_what_the_old_one_closed() -> None:
    books = year_of_the_example()

    run_year_end(books.period(12), actor=books.senior, tell=lambda: None)

    assert books.openings(1, YEAR + 1) == {
        "1002": Decimal("251010.00"),
        "222113": Decimal("-62752.50"),
        "410101": Decimal("-18825.75"),
        "410406": Decimal("-169431.75"),
    }
    january = books.ledger.periods.get(fiscal_year=YEAR + 1, number=1)
    assert january.state == PeriodState.OPEN


def test_an_audit_adjustment_in_the_thirteenth_period_posts_only_differences() -> None:
    books = year_of_the_example()
    run_year_end(books.period(12), actor=books.senior, tell=lambda: None)
    thirteenth = change_period(
        books.period(13), PeriodState.OPEN, version=1, actor=books.senior
    )
    books.post(last_day(12), ("6602", "1000.00"), ("2202", "-1000.00"), kind="adjustment")

    run_year_end(thirteenth, actor=books.senior, tell=lambda: None)

    assert books.balance("410101") == Decimal("-18725.75")
    assert books.balance("410406") == Decimal("-168531.75")
    assert books.balance("6602") == books.balance("4103") == Decimal(0)
    assert books.openings(1, YEAR + 1)["2202"] == Decimal("-1000.00")
    holds(books)


def test_profit_is_transferred_once_and_later_postings_by_their_difference() -> None:
    books = make_closing_books()
    trade(books)

    first = transfer_profit(books.period(1), actor=books.senior)
    nothing = transfer_profit(books.period(1), actor=books.senior)
    books.post(JANUARY_15, ("6602", "50.00"), ("1002", "-50.00"))
    second = transfer_profit(books.period(1), actor=books.senior)

    assert first is not None
    assert second is not None
    assert (first.total, nothing, second.total) == (Decimal(1600), None, Decimal(50))
    assert books.balance("4103") == Decimal(-350)


def test_a_month_hands_its_balances_on() -> None:
    books = make_closing_books()
    trade(books)
    transfer_profit(books.period(1), actor=books.senior)

    books.close(1)

    assert books.openings(2) == {
        "1002": Decimal(1000),
        "1405": Decimal(-600),
        "4103": Decimal(-400),
    }
    holds(books)


def test_a_month_does_not_close_before_its_profit_is_transferred() -> None:
    books = make_closing_books()
    trade(books)

    with pytest.raises(PeriodCannotChange, match="profit and loss is not transferred: 2"):
        books.close(1)

    assert books.period(1).state == PeriodState.OPEN


def test_closing_reopening_and_closing_again_comes_to_the_same_balances() -> None:
    books = make_closing_books()
    trade(books)
    first = transfer_profit(books.period(1), actor=books.senior)
    books.close(1)
    before = books.openings(2)

    books.reopen(1)
    while_open = books.openings(2)
    second = transfer_profit(books.period(1), actor=books.senior)
    books.close(1)

    assert (while_open, books.openings(2)) == ({}, before)
    assert first is not None
    assert second is not None
    reversal = JournalEntry.objects.get(reversal_of=first)
    assert (first.number, reversal.number, second.number) == (3, 4, 5)
    runs = CloseRun.objects.filter(period__ledger=books.ledger).values_list("number", "state")
    assert list(runs) == [(1, "reopened"), (2, "closed")]
    holds(books)


def test_january_opens_again_only_after_february_and_a_locked_month_never() -> None:
    books = make_closing_books()
    books.close(1)
    books.close(2)

    with pytest.raises(PeriodCannotChange, match="only the last closed"):
        books.reopen(1)
    books.reopen(2)
    # The request of before still waits: it is decided once February is open.
    request = books.period(1).reopen_requests.get()

    assert request.state == "waiting"
    assert books.period(2).state == PeriodState.OPEN


def test_a_locked_month_never_opens() -> None:
    books = make_closing_books()
    period = books.close(1)
    change_period(period, PeriodState.LOCKED, version=period.version, actor=books.senior)

    with pytest.raises(NotClosed):
        books.reopen(1)


def dollars(books: Books) -> None:
    """Buy 10,000 at 7.10 and 5,000 at 7.15, and pay 3,000 at 7.12."""
    for base, foreign in (
        ("71000.00", "10000"), ("35750.00", "5000"), ("-21360.00", "-3000"),
    ):  # fmt: skip
        books.post(JANUARY_15, ("100201", base, "USD", foreign), ("4001", str(-Decimal(base))))


def test_dollars_in_the_bank_are_carried_at_the_closing_rate() -> None:
    books = make_closing_books()
    dollars(books)
    make_own(books.ledger.organization, "USD/CNY", "7.20", on=last_day(1))

    held = books.foreign("100201")
    entry = revalue_period(books.period(1), actor=books.senior)

    assert held == (Decimal(12000), Decimal("85390.00"))
    assert books.foreign("100201") == (Decimal(12000), Decimal("86400.00"))
    assert books.balance("660303") == Decimal("-1010.00")
    assert entry is not None
    assert entry.kind == "fx_revaluation"


def test_a_second_revaluation_posts_nothing_and_a_corrected_rate_the_difference() -> None:
    books = make_closing_books()
    dollars(books)
    make_own(books.ledger.organization, "USD/CNY", "7.20", on=last_day(1))
    revalue_period(books.period(1), actor=books.senior)

    again = revalue_period(books.period(1), actor=books.senior)
    make_own(books.ledger.organization, "USD/CNY", "7.19", on=last_day(1))
    corrected = revalue_period(books.period(1), actor=books.senior)

    assert again is None
    assert corrected is not None
    assert corrected.total == Decimal("120.00")
    assert books.balance("660303") == Decimal("-890.00")
    holds(books)
