"""Settling open items: what is allowed, what is refused, and what two people at once get."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connections

from apps.core.errors import FinanceError, StaleVersion
from apps.ledgers.errors import PeriodTakesNoEntries, ReasonIsMissing
from apps.ledgers.item_errors import (
    ItemsAreSettled,
    ItemsDoNotBalance,
    ItemsDoNotMatch,
    ItemWasSettled,
    PartIsTooLarge,
    SettledTooEarly,
    SettlementIsUndone,
    SystemAccountIsMissing,
)
from apps.ledgers.models import JournalEntry, OpenItem, PeriodState, Settlement
from apps.ledgers.services.decisions import mark_approved
from apps.ledgers.services.dimensions import intern_dimension_set
from apps.ledgers.services.periods import change_period
from apps.ledgers.services.posting import post_journal_entry
from apps.ledgers.services.reversal import reverse_journal_entry
from apps.ledgers.services.settlement import (
    Choice,
    preview_settlement,
    settle_items,
    undo_settlement,
)
from apps.ledgers.services.verification import verify_inside_a_transaction
from tests.factories import DAY, make_dimension_value, make_senior, make_system_user, period_of
from tests.open_items import ItemBooks, left_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def books() -> ItemBooks:
    """Return a ledger in CNY."""
    return ItemBooks()


def findings() -> list[str]:
    """Return what `verify_books` finds."""
    return [one.name for one in verify_inside_a_transaction() if one.count]


def test_posting_opens_an_item_due_by_the_usual_term(books: ItemBooks) -> None:
    item = books.invoice("100", "712.34", currency="USD")

    assert (item.partner, item.currency_id) == (books.customer, "USD")
    assert (item.open_amount, item.carrying_base) == (Decimal(100), Decimal("712.34"))
    assert item.due_on == DAY + timedelta(days=30)


def test_a_line_on_another_account_opens_none(books: ItemBooks) -> None:
    books.post(books.line(books.bank, "5"), books.line(books.sales, "-5"))

    assert not OpenItem.objects.exists()


@pytest.mark.parametrize(("part", "error"), [("0", PartIsTooLarge), ("100.01", PartIsTooLarge)])
def test_a_part_is_positive_and_at_most_what_is_left(
    books: ItemBooks, part: str, error: type[FinanceError]
) -> None:
    invoice, receipt = books.invoice("100"), books.receipt("200")

    with pytest.raises(error):
        books.settle((invoice, part), (receipt, part))

    assert left_of(invoice) == (100, 100)


def test_both_sides_must_be_equal(books: ItemBooks) -> None:
    invoice, receipt = books.invoice("100"), books.receipt("100")

    with pytest.raises(ItemsDoNotBalance, match=r"0\.01"):
        books.settle((invoice, "100"), (receipt, "99.99"))


def test_another_partner_does_not_settle(books: ItemBooks) -> None:
    invoice = books.invoice("100")
    books.customer = make_dimension_value(books.customers, "C002")
    receipt = books.receipt("100")

    with pytest.raises(ItemsDoNotMatch):
        books.settle((invoice, "100"), (receipt, "100"))


def test_another_ledger_does_not_settle(books: ItemBooks) -> None:
    invoice, receipt = books.invoice("100"), books.receipt("100")
    choices = {item.pk: Choice(Decimal(100), 1) for item in (invoice, receipt)}

    with pytest.raises(ItemsDoNotMatch):
        settle_items(ItemBooks().ledger, choices, settled_on=DAY, actor=books.accountant)


def test_it_is_not_settled_before_both_exist(books: ItemBooks) -> None:
    invoice = books.invoice("100")
    receipt = books.receipt("100", day=DAY + timedelta(days=1))

    with pytest.raises(SettledTooEarly, match="2026-01-16"):
        books.settle((invoice, "100"), (receipt, "100"))


def test_it_is_not_settled_in_a_closed_period(books: ItemBooks) -> None:
    invoice, receipt = books.invoice("100"), books.receipt("100")
    period = period_of(books.ledger, 1)
    period = change_period(period, PeriodState.CLOSING, version=2, actor=make_system_user())

    with pytest.raises(PeriodTakesNoEntries):
        books.settle((invoice, "100"), (receipt, "100"))


def test_a_difference_needs_an_account_in_the_settings(books: ItemBooks) -> None:
    invoice = books.invoice("100", "710", currency="USD")
    receipt = books.receipt("100", "718", currency="USD")
    books.ledger.update_versioned(
        actor=make_system_user(), reason="", expected_version=None, exchange_gain_account=None
    )

    with pytest.raises(SystemAccountIsMissing):
        books.settle((invoice, "100"), (receipt, "100"))

    assert not Settlement.objects.exists()


def test_a_stale_choice_is_refused(books: ItemBooks) -> None:
    invoice, receipt = books.invoice("100"), books.receipt("100")
    seen = {item.pk: Choice(Decimal(50), item.version) for item in (invoice, receipt)}
    books.settle((invoice, "10"), (receipt, "10"))

    with pytest.raises(ItemWasSettled):
        settle_items(books.ledger, seen, settled_on=DAY, actor=books.accountant)

    assert left_of(invoice) == (90, 90)


def test_a_form_sent_twice_settles_once(books: ItemBooks) -> None:
    invoice, receipt = books.invoice("100"), books.receipt("100")
    first = books.settle((invoice, "40"), (receipt, "40"), form_key="k")

    second = books.settle((invoice, "40"), (receipt, "40"), form_key="k")

    assert first == second
    assert left_of(invoice) == (60, 60)


def test_the_preview_says_the_loss_and_writes_nothing(books: ItemBooks) -> None:
    invoice = books.invoice("100", "718", currency="USD")
    receipt = books.receipt("100", "710", currency="USD")
    choices = {item.pk: Choice(Decimal(100), 1) for item in (invoice, receipt)}

    plan = preview_settlement(books.ledger, choices, settled_on=DAY)

    assert (plan.amount, plan.gain) == (Decimal(100), Decimal(-8))
    assert left_of(invoice) == (100, 718)


def test_the_preview_of_what_somebody_settled_meanwhile_says_so(books: ItemBooks) -> None:
    invoice = books.invoice("100", "710", currency="USD")
    receipt = books.receipt("100", "710", currency="USD")
    books.settle((invoice, "100"), (receipt, "100"))
    choices = {item.pk: Choice(Decimal(100), 1) for item in (invoice, receipt)}

    with pytest.raises(ItemWasSettled):
        preview_settlement(books.ledger, choices, settled_on=DAY)


def test_a_payable_settles_with_its_own_signs(books: ItemBooks) -> None:
    bill = books._item(books.payables, books.sales, "-100", "-710", day=DAY, currency="USD")
    payment = books._item(books.payables, books.bank, "100", "718", day=DAY, currency="USD")

    settlement = books.settle((bill, "100"), (payment, "100"))

    assert settlement.gain == -8
    assert findings() == []


def test_amounts_follow_their_items_between_dimensions(books: ItemBooks) -> None:
    project = make_dimension_value(books.suppliers, "P1")
    both = intern_dimension_set([books.customer, project])
    assert both is not None
    invoice = books.invoice("100", dimension_set_id=both.pk)
    receipt = books.receipt("100")

    settlement = books.settle((invoice, "100"), (receipt, "100"))

    assert settlement.gain == 0
    assert settlement.entry is not None
    assert findings() == []


def test_an_entry_with_a_settled_item_is_not_reversed(books: ItemBooks) -> None:
    invoice, receipt = books.invoice("100"), books.receipt("100")
    settlement = books.settle((invoice, "1"), (receipt, "1"))
    senior = make_senior(books.ledger)
    with pytest.raises(ItemsAreSettled):
        reverse_journal_entry(invoice.entry, actor=senior, reason="Wrong")

    undo_settlement(settlement, version=1, actor=senior, reason="Wrong")
    reversal = reverse_journal_entry(invoice.entry, actor=senior, reason="Wrong")

    assert reversal.reversal_of == invoice.entry


def test_a_posted_reversal_closes_its_originals_items(books: ItemBooks) -> None:
    invoice = books.invoice("100", "710", currency="USD")

    posted_reversal(books, invoice.entry)

    assert left_of(invoice) == (0, 0)
    assert findings() == []


def test_a_settlement_between_reversal_and_posting_keeps_it_from_posting(
    books: ItemBooks,
) -> None:
    invoice, receipt = books.invoice("100"), books.receipt("100")
    senior = make_senior(books.ledger)
    reversal = reverse_journal_entry(invoice.entry, actor=senior, reason="Wrong")
    books.settle((invoice, "100"), (receipt, "100"))
    approved = mark_approved(reversal, version=reversal.version, actor=books.approver)

    with pytest.raises(ItemsAreSettled):
        post_journal_entry(approved, version=approved.version, actor=senior)


def test_the_entry_of_a_settlement_is_not_reversed_by_itself(books: ItemBooks) -> None:
    settlement = foreign_settlement(books)
    assert settlement.entry is not None

    with pytest.raises(ItemsAreSettled):
        reverse_journal_entry(settlement.entry, actor=books.approver, reason="Wrong")


def test_undoing_asks_for_a_reason_and_the_version(books: ItemBooks) -> None:
    settlement = foreign_settlement(books)
    with pytest.raises(ReasonIsMissing):
        undo_settlement(settlement, version=1, actor=books.accountant, reason=" ")
    with pytest.raises(StaleVersion):
        undo_settlement(settlement, version=7, actor=books.accountant, reason="x")

    undo_settlement(settlement, version=1, actor=books.accountant, reason="x")

    with pytest.raises(SettlementIsUndone):
        undo_settlement(settlement, version=2, actor=books.accountant, reason="x")
    assert findings() == []


def foreign_settlement(books: ItemBooks) -> Settlement:
    """Return a settlement with a gain of 8.00."""
    invoice = books.invoice("100", "710", currency="USD")
    receipt = books.receipt("100", "718", currency="USD")
    return books.settle((invoice, "100"), (receipt, "100"))


def posted_reversal(books: ItemBooks, entry: JournalEntry) -> JournalEntry:
    """Reverse an entry and post the reversal."""
    senior = make_senior(books.ledger)
    reversal = reverse_journal_entry(entry, actor=senior, reason="Wrong")
    approved = mark_approved(reversal, version=reversal.version, actor=books.approver)
    return post_journal_entry(approved, version=approved.version, actor=senior)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_round", range(5))
def test_of_two_who_settle_one_item_at_once_one_is_told(_round: int) -> None:
    books = ItemBooks()
    invoice = books.invoice("100", "710", currency="USD")
    receipts = [books.receipt("100", "718", currency="USD") for _ in range(2)]
    start = threading.Barrier(2)

    def settle(receipt: OpenItem) -> Any:
        choices = {pk: Choice(Decimal(100), 1) for pk in (invoice.pk, receipt.pk)}
        start.wait(timeout=30)
        try:
            return settle_items(books.ledger, choices, settled_on=DAY, actor=books.accountant)
        except FinanceError as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(settle, receipts))

    assert sorted(type(one).__name__ for one in outcomes) == ["ItemWasSettled", "Settlement"]
    assert left_of(invoice) == (0, 0)
