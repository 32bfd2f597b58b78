"""Revaluations over any rates: an item gains its settlement less what it was booked at."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.ledgers.models import (
    AccountBalance,
    ClosingEntry,
    JournalEntry,
    JournalLine,
    PeriodState,
)
from apps.ledgers.services.closing.revaluation import revalue_period
from apps.ledgers.services.closing.settings import save_closing_settings
from apps.ledgers.services.periods import change_period
from apps.ledgers.services.verification import verify_inside_a_transaction
from tests.factories import make_senior, make_system_user, period_of
from tests.fx.rates import make_own
from tests.open_items import ItemBooks, left_of

pytestmark = pytest.mark.django_db
DAYS = {1: date(2026, 1, 31), 2: date(2026, 2, 28)}
PAID_ON = date(2026, 3, 10)
CENT = Decimal("0.01")
AMOUNTS = st.decimals(min_value=1, max_value=99999, places=2)
RATES = st.decimals(min_value=Decimal("0.05"), max_value=12, places=4)
FEW = settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def make_item_books(method: str) -> ItemBooks:
    """Return a ledger in CNY whose receivables are revalued by a method."""
    books = ItemBooks()
    save_closing_settings(
        books.ledger, version=None, actor=make_system_user(), fx_method=method
    )
    books.receivables.update_versioned(
        actor=make_system_user(), reason="test", expected_version=1, is_revalued=True
    )
    return books


def worth(amount: Decimal, rate: Decimal) -> Decimal:
    """Return an amount at a rate, in cents."""
    return max((amount * rate).quantize(CENT), CENT)


def revalue_at(books: ItemBooks, rates: list[Decimal]) -> None:
    """Revalue January and February, each twice: the second run finds nothing to do."""
    senior = make_senior(books.ledger)
    for number, rate in enumerate(rates, start=1):
        make_own(books.ledger.organization, "USD/CNY", str(rate), on=DAYS[number])
        revalue_period(period_of(books.ledger, number), actor=senior)
        assert revalue_period(period_of(books.ledger, number), actor=senior) is None


def exchange_result(books: ItemBooks) -> Decimal:
    """Return what all exchange postings gained."""
    lines = JournalLine.objects.filter(account=books.exchange, entry__state="posted")
    return -sum((line.base_amount for line in lines), start=Decimal(0))


@pytest.mark.parametrize("method", ["persistent", "auto_reverse"])
@FEW
@given(
    invoices=st.lists(st.tuples(AMOUNTS, RATES), min_size=1, max_size=3),
    closing=st.lists(RATES, min_size=2, max_size=2),
    paid_at=RATES,
)
def test_an_item_gains_its_settlement_less_its_original_amount(
    method: str,
    invoices: list[tuple[Decimal, Decimal]],
    closing: list[Decimal],
    paid_at: Decimal,
) -> None:
    books = make_item_books(method)
    items = [
        books.invoice(str(amount), str(worth(amount, rate)), currency="USD")
        for amount, rate in invoices
    ]
    revalue_at(books, closing)
    for item in items:
        paid = str(worth(item.amount, paid_at))
        receipt = books.receipt(str(item.amount), paid, currency="USD", day=PAID_ON)
        books.settle((item, str(item.amount)), (receipt, str(item.amount)), on=PAID_ON)

    original = sum(worth(amount, rate) for amount, rate in invoices)
    settled = sum(worth(amount, paid_at) for amount, _rate in invoices)
    assert exchange_result(books) == settled - original
    assert all(left_of(item) == (0, 0) for item in items)
    assert [one for one in verify_inside_a_transaction(books.ledger.pk) if one.count] == []


@pytest.mark.parametrize("method", ["persistent", "auto_reverse"])
def test_a_part_paid_between_two_closings_keeps_the_identity(method: str) -> None:
    books = make_item_books(method)
    change_period(
        period_of(books.ledger, 4), PeriodState.OPEN, version=1, actor=make_system_user()
    )
    item = books.invoice("10000.00", "71000.00", currency="USD")
    parts = (("3333.33", "23966.64", date(2026, 2, 5)), ("6666.67", "47733.36", PAID_ON))
    senior = make_senior(books.ledger)
    for number, (amount, paid, day) in enumerate(parts, start=1):
        make_own(books.ledger.organization, "USD/CNY", f"7.2{number}", on=DAYS[number])
        revalue_period(period_of(books.ledger, number), actor=senior)
        receipt = books.receipt(amount, paid, currency="USD", day=day)
        books.settle((item, amount), (receipt, amount), on=day)

    assert left_of(item) == (0, 0)
    assert exchange_result(books) == Decimal("71700.00") - Decimal("71000.00")


def test_all_currencies_of_a_run_stand_in_one_entry() -> None:
    books = make_item_books("persistent")
    books.invoice("1000.00", "7100.00", currency="USD")
    books.invoice("2000.00", "15600.00", currency="EUR")
    make_own(books.ledger.organization, "USD/CNY", "7.20", on=DAYS[1])
    make_own(books.ledger.organization, "EUR/CNY", "7.90", on=DAYS[1])

    entry = revalue_period(period_of(books.ledger, 1), actor=make_senior(books.ledger))

    assert entry is not None
    assert [one.entry for one in ClosingEntry.objects.all()] == [entry]
    assert JournalEntry.objects.filter(kind="fx_revaluation").count() == 1
    moved = entry.lines.exclude(currency="CNY").order_by("currency_id")
    assert [line.base_amount for line in moved] == [200, 100]
    assert exchange_result(books) == Decimal(300)


def test_a_rate_for_a_hundred_yen_revalues_each_item_by_itself() -> None:
    books = make_item_books("persistent")
    first = books.invoice("100000", "4900.00", currency="JPY")
    second = books.invoice("300000", "14100.00", currency="JPY")
    make_own(books.ledger.organization, "JPY/CNY", "4.80", on=DAYS[1], per=100)

    entry = revalue_period(period_of(books.ledger, 1), actor=make_senior(books.ledger))

    assert (left_of(first), left_of(second)) == ((100000, 4800), (300000, 14400))
    assert entry is not None
    line = entry.lines.get(account=books.receivables)
    assert (line.rate, line.rate_per, line.rate_on) == (Decimal("4.8"), 100, DAYS[1])
    rows = AccountBalance.objects.filter(account=books.receivables)
    assert sum(row.base_debit - row.base_credit for row in rows) == 19200
