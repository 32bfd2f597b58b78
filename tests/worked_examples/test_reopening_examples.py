"""Opening closed months and years again, and what comes late, as an accountant checks it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from apps.ledgers.errors import PeriodCannotChange
from apps.ledgers.models import CloseRun, JournalEntry, PeriodState
from apps.ledgers.services.closing.reopen import approve_reopening, request_reopening
from apps.ledgers.services.closing.revaluation import revalue_period
from apps.ledgers.services.closing.settings import save_closing_settings
from apps.ledgers.services.closing.transfer import transfer_profit
from apps.ledgers.services.closing.year_end import run_year_end
from apps.ledgers.services.periods import change_period
from apps.ledgers.services.verification import verify_inside_a_transaction
from tests.closing_books import Books, item_of, last_day, make_closing_books
from tests.factories import YEAR
from tests.fx.rates import make_own
from tests.reports.books import figures_of, report_of
from tests.sql import run
from tests.worked_examples.test_closing_examples import year_of_the_example

pytestmark = pytest.mark.django_db
RESERVE, RETAINED = Decimal("-18825.75"), Decimal("-169431.75")


def end_year(books: Books, number: int = 12) -> None:
    run_year_end(books.period(number), actor=books.senior, tell=lambda: None)


def holds(books: Books) -> None:
    """Prove the whole books."""
    assert [one for one in verify_inside_a_transaction(books.ledger.pk) if one.count] == []


def kinds_of(books: Books, run_number: int) -> list[str]:
    """Return what kinds of entries a run of December posted, in their order."""
    entries = JournalEntry.objects.filter(
        closing_entry__run__period=books.period(12), closing_entry__run__number=run_number
    )
    return list(entries.order_by("pk").values_list("kind", flat=True))


def test_a_year_is_closed_reopened_and_closed_again_with_the_same_balances() -> None:
    books = year_of_the_example()
    end_year(books)
    before = books.openings(1, YEAR + 1)

    books.reopen(12)
    assert books.balance("6001") == Decimal(-1000000)
    assert books.balance("410101") == books.balance("410406") == 0
    end_year(books)

    assert books.openings(1, YEAR + 1) == before
    assert kinds_of(books, 1) == ["profit_transfer", "year_end", "year_end"] + ["reversal"] * 3
    assert kinds_of(books, 2) == ["profit_transfer", "year_end", "year_end"]
    assert (books.balance("410101"), books.balance("410406")) == (RESERVE, RETAINED)
    holds(books)


def test_a_late_invoice_in_a_reopened_year_changes_profit_and_reserve() -> None:
    books = year_of_the_example()
    end_year(books)

    books.reopen(12, reason="An invoice of December came in January")
    books.post(last_day(12), ("6602", "10000.00"), ("2202", "-10000.00"))
    end_year(books)

    # Ten per cent of 178,257.50.
    assert books.balance("410101") == Decimal("-17825.75")
    assert books.balance("410406") == Decimal("-160431.75")
    assert books.openings(1, YEAR + 1)["2202"] == Decimal(-10000)
    holds(books)


def test_a_year_that_is_closed_has_the_next_one_open_and_can_be_locked() -> None:
    books = year_of_the_example()
    end_year(books)
    december = books.period(12)

    locked = change_period(
        december, PeriodState.LOCKED, version=december.version, actor=books.senior
    )

    assert locked.state == PeriodState.LOCKED
    assert books.ledger.periods.get(fiscal_year=YEAR + 1, number=1).state == PeriodState.OPEN


def test_january_is_reopened_once_february_is_open_again() -> None:
    books = make_closing_books()
    books.close(1)
    books.close(2)
    asked = request_reopening(books.period(1), actor=books.senior, reason="A late invoice")
    with pytest.raises(PeriodCannotChange, match="only the last closed"):
        approve_reopening(asked, actor=books.approver)

    books.reopen(2)
    asked.refresh_from_db()
    opened = approve_reopening(asked, actor=books.approver)

    assert opened.state == PeriodState.OPEN
    assert [books.period(number).state for number in (1, 2)] == ["open", "open"]


def test_a_back_dated_entry_moves_the_closing_of_february_and_the_opening_of_march() -> None:
    books = make_closing_books()
    books.post(date(YEAR, 2, 10), ("1002", "100.00"), ("4001", "-100.00"))
    books.post(date(YEAR, 3, 10), ("1002", "30.00"), ("4001", "-30.00"))
    bank = books.accounts["1002"]

    books.post(date(YEAR, 2, 20), ("1002", "5.00"), ("4001", "-5.00"))

    february = figures_of(report_of(books.ledger, "2026-02"), bank)
    march = figures_of(report_of(books.ledger, "2026-03"), bank)
    assert (february.closing_debit, march.opening_debit) == (Decimal(105), Decimal(105))
    assert march.closing_debit == Decimal(135)
    holds(books)


def test_a_balance_that_was_changed_by_hand_keeps_the_month_open() -> None:
    books = make_closing_books()
    books.post(date(YEAR, 1, 10), ("1002", "100.00"), ("4001", "-100.00"))
    run("UPDATE ledgers_accountbalance SET base_debit = base_debit + 7 WHERE base_debit > 0")

    with pytest.raises(PeriodCannotChange, match="balances differ from their lines: 1"):
        books.close(1)

    assert item_of(books, "drift").finding.names == ("1002",)
    assert books.period(1).state == PeriodState.OPEN


@pytest.mark.parametrize(
    ("base", "foreign", "rate", "gain"),
    [("EUR", "USD", "0.9150", "65.00"), ("HKD", "CNY", "1.0815", "231.50")],
)
def test_books_in_another_currency_close_and_close_again(
    base: str, foreign: str, rate: str, gain: str
) -> None:
    books = make_closing_books(currency=base)
    booked = {"EUR": "850.00", "HKD": "850.00"}[base]
    books.post(
        date(YEAR, 1, 15), ("100201", booked, foreign, "1000.00"), ("4001", f"-{booked}")
    )
    make_own(books.ledger.organization, f"{foreign}/{base}", rate, on=last_day(1))

    for _run in range(2):
        revalue_period(books.period(1), actor=books.senior)
        transfer_profit(books.period(1), actor=books.senior)
        books.close(1)
        if not _run:
            books.reopen(1)

    worth = Decimal(booked) + Decimal(gain)
    assert books.openings(2) == {
        "100201": worth,
        "4001": -Decimal(booked),
        "4103": -Decimal(gain),
    }
    runs = CloseRun.objects.filter(period=books.period(1)).values_list("state", flat=True)
    assert list(runs) == ["reopened", "closed"]
    holds(books)


def test_dollars_over_the_end_of_a_year_by_automatic_reversal() -> None:
    books = year_of_the_example()
    save_closing_settings(
        books.ledger, version=None, actor=books.senior, fx_method="auto_reverse"
    )
    december = last_day(12)
    books.post(december, ("100201", "71000.00", "USD", "10000"), ("1002", "-71000.00"))
    make_own(books.ledger.organization, "USD/CNY", "7.25", on=december)
    end_year(books)
    books.reopen(12, reason="The rate was wrong")
    make_own(books.ledger.organization, "USD/CNY", "7.20", on=december)

    end_year(books)

    assert books.openings(1, YEAR + 1)["100201"] == Decimal("72000.00")
    # 1,500.00 and −500.00 in December, both taken back on 1 January.
    assert books.foreign("100201") == (Decimal(10000), Decimal(71000))
    # Ten per cent of 188,257.50 and of the 1,000.00 that the dollars gained.
    assert books.balance("410101") == Decimal("-18925.75")
    holds(books)
