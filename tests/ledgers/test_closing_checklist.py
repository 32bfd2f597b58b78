"""The checklist of a close: each item with its number, blockers and warnings apart."""

from __future__ import annotations

from datetime import date

import pytest

from apps.fx.errors import NoRate
from apps.ledgers.errors import PeriodCannotChange
from apps.ledgers.models import CloseRun, PeriodState
from apps.ledgers.services.closing.checklist import checklist_of, title_of
from apps.ledgers.services.closing.revaluation import revalue_period
from apps.ledgers.services.closing.settings import (
    save_closing_settings,
)
from tests.closing_books import Books, hold_dollars, item_of, make_closing_books
from tests.factories import (
    YEAR,
    make_account,
    make_draft,
)
from tests.sql import run

pytestmark = pytest.mark.django_db
JANUARY_15 = date(YEAR, 1, 15)


@pytest.fixture
def books() -> Books:
    """Return books to close."""
    return make_closing_books()


def test_an_empty_period_has_nothing_in_its_way(books: Books) -> None:
    items = checklist_of(books.period(1))

    assert [one.key for one in items if not one.is_ok] == []
    assert {one.state for one in items} == {"ok"}
    assert title_of("gaps") == "Voucher numbers have no gap"


def test_a_draft_is_counted_and_linked(books: Books) -> None:
    make_draft(books.ledger, (books.accounts["1002"], "1.00"), (books.accounts["4001"], "-1"))

    found = item_of(books, "unposted")

    assert (found.state, found.finding.count) == ("blocker", 1)
    assert found.url.endswith(f"/journal/?period={books.period(1).pk}&state=unposted")


def test_february_waits_for_january(books: Books) -> None:
    assert item_of(books, "previous", 2).finding.count == 1
    with pytest.raises(PeriodCannotChange, match="an earlier period is still open: 1"):
        books.close(2)


def test_a_changed_balance_blocks_the_close_and_says_by_how_much(books: Books) -> None:
    books.post(JANUARY_15, ("1002", "10.00"), ("4001", "-10.00"))
    run("UPDATE ledgers_accounttotal SET debit = debit + 3 WHERE debit > 0")

    found = item_of(books, "drift")

    assert (found.state, found.finding.count) == ("blocker", 1)
    assert found.finding.amount == 3


def test_open_items_that_do_not_add_up_block_the_close(books: Books) -> None:
    books.accounts["2203"] = make_account(books.ledger, "2203", control="payable")
    books.post(JANUARY_15, ("1002", "10.00"), ("2203", "-10.00"))
    agreed = item_of(books, "control").is_ok
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("SET LOCAL session_replication_role = replica")
    run("UPDATE ledgers_openitem SET base_amount = base_amount - 1")
    run("SET LOCAL session_replication_role = origin")

    found = item_of(books, "control")

    assert agreed
    assert found.finding.count == 1
    assert found.finding.amount == 1


def test_a_suspense_account_warns_and_lets_the_period_close(books: Books) -> None:
    books.accounts["1901"] = make_account(books.ledger, "1901", is_suspense=True)
    books.post(JANUARY_15, ("1901", "10.00"), ("4001", "-10.00"))

    assert item_of(books, "suspense").state == "warning"
    assert books.close(1).state == PeriodState.CLOSED
    kept = CloseRun.objects.get().checklist
    assert [one["key"] for one in kept if not one["is_ok"]] == ["suspense"]


def test_a_missing_rate_is_named(books: Books) -> None:
    hold_dollars(books)

    found = item_of(books, "revaluation")

    assert found.state == "blocker"
    assert "USD/CNY" in found.finding.note
    with pytest.raises(NoRate):
        revalue_period(books.period(1), actor=books.senior)
    with pytest.raises(PeriodCannotChange, match="not at the closing rate"):
        books.close(1)


def test_a_yearly_transfer_lets_months_close_before_it(books: Books) -> None:
    save_closing_settings(
        books.ledger, version=None, actor=books.senior, profit_transfer="yearly"
    )
    books.post(JANUARY_15, ("1002", "10.00"), ("6001", "-10.00"))

    assert item_of(books, "profit").is_ok
    assert books.close(1).state == PeriodState.CLOSED
    assert books.openings(2) == {"1002": 10, "6001": -10}
