"""Receivables in foreign currency, as an accountant works them through (IAS 21, CAS 19)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from apps.ledgers.models import AccountBalance, EntryKind, JournalEntry, JournalLine, OpenItem
from apps.ledgers.services.settlement import undo_settlement
from tests.open_items import ItemBooks, left_of

pytestmark = pytest.mark.django_db

JANUARY, FEBRUARY = date(2026, 1, 31), date(2026, 2, 10)


@pytest.fixture
def books() -> ItemBooks:
    """Return a ledger in CNY."""
    return ItemBooks()


def revalue(
    books: ItemBooks, delta: str, *, rate: str = "7.25", day: date = JANUARY
) -> JournalEntry:
    """Post what a closing posts for the customer: nothing in USD, `delta` in CNY."""
    line = books.line(books.receivables, "0", delta, currency="USD")
    counter = books.line(books.exchange, str(-Decimal(delta)))
    object.__setattr__(line, "rate", Decimal(rate))
    return books.post(line, counter, day=day, kind=EntryKind.FX_REVALUATION)


def exchange_result(books: ItemBooks) -> Decimal:
    """Return what all exchange postings gained."""
    lines = JournalLine.objects.filter(account=books.exchange, entry__state="posted")
    return -sum((line.base_amount for line in lines), start=Decimal(0))


def control_balance(books: ItemBooks) -> tuple[Any, Any]:
    """Return what stands on receivables, in USD and in CNY."""
    rows = AccountBalance.objects.filter(account=books.receivables)
    return (
        sum((row.debit - row.credit for row in rows), start=Decimal(0)),
        sum((row.base_debit - row.base_credit for row in rows), start=Decimal(0)),
    )


def test_usd_10000_at_710_closing_725_received_at_718_gains_800_by_persistent(
    books: ItemBooks,
) -> None:
    invoice = books.invoice("10000", "71000", currency="USD")
    revalue(books, "1500")
    assert left_of(invoice) == (Decimal(10000), Decimal(72500))

    receipt = books.receipt("10000", "71800", currency="USD", day=FEBRUARY)
    settlement = books.settle((invoice, "10000"), (receipt, "10000"), on=FEBRUARY)

    assert settlement.gain == Decimal(-700)
    assert exchange_result(books) == Decimal(800)
    assert control_balance(books) == (0, 0)


def test_the_same_receivable_gains_800_by_auto_reverse(books: ItemBooks) -> None:
    invoice = books.invoice("10000", "71000", currency="USD")
    revalue(books, "1500")
    revalue(books, "-1500", rate="7.1", day=date(2026, 2, 1))
    assert left_of(invoice) == (Decimal(10000), Decimal(71000))

    receipt = books.receipt("10000", "71800", currency="USD", day=FEBRUARY)
    settlement = books.settle((invoice, "10000"), (receipt, "10000"), on=FEBRUARY)

    assert settlement.gain == Decimal(800)
    assert exchange_result(books) == Decimal(800)
    assert control_balance(books) == (0, 0)


def test_a_part_relieves_its_share_and_the_last_part_takes_the_rest(books: ItemBooks) -> None:
    invoice = books.invoice("100.00", "712.34", currency="USD")
    thirds = [
        books.receipt(amount, base, currency="USD", day=FEBRUARY)
        for amount, base in (("33.33", "237.42"), ("33.33", "237.42"), ("33.34", "237.49"))
    ]

    gains = [
        books.settle((invoice, amount), (third, amount), on=FEBRUARY).gain
        for third, amount in zip(thirds, ("33.33", "33.33", "33.34"), strict=True)
    ]

    assert left_of(invoice) == (0, 0)
    assert sum(gains) == Decimal("712.33") - Decimal("712.34")
    assert control_balance(books) == (0, 0)


def test_a_base_currency_settlement_posts_nothing(books: ItemBooks) -> None:
    invoice, receipt = books.invoice("500"), books.receipt("500")

    settlement = books.settle((invoice, "500"), (receipt, "500"))

    assert settlement.entry is None
    assert (left_of(invoice), left_of(receipt)) == ((0, 0), (0, 0))


def test_one_receipt_settles_several_invoices(books: ItemBooks) -> None:
    first, second = books.invoice("300"), books.invoice("250")
    receipt = books.receipt("500")

    books.settle((first, "300"), (second, "200"), (receipt, "500"))

    assert left_of(second) == (Decimal(50), Decimal(50))
    assert not OpenItem.objects.filter(pk__in=(first.pk, receipt.pk)).still_open().exists()


def test_undoing_reverses_the_difference_and_opens_the_items_again(books: ItemBooks) -> None:
    invoice = books.invoice("10000", "71000", currency="USD")
    receipt = books.receipt("10000", "71800", currency="USD", day=FEBRUARY)
    settlement = books.settle((invoice, "10000"), (receipt, "10000"), on=FEBRUARY)

    undo_settlement(settlement, version=1, actor=books.approver, reason="Wrong invoice")

    assert left_of(invoice) == (Decimal(10000), Decimal(71000))
    assert left_of(receipt) == (Decimal(-10000), Decimal(-71800))
    assert exchange_result(books) == 0
    assert settlement.entry is not None
    assert settlement.entry.reversals.get().state == "posted"
