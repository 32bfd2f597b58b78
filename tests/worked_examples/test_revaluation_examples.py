"""A receivable in US dollars over the end of a month, by both methods (IAS 21, CAS 19)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from apps.ledgers.models import AccountBalance, JournalLine
from apps.ledgers.services.closing.close import close_period
from apps.ledgers.services.closing.revaluation import revalue_period
from apps.ledgers.services.closing.settings import save_closing_settings
from apps.ledgers.services.verification import verify_inside_a_transaction
from tests.factories import make_senior, make_system_user, period_of
from tests.fx.rates import make_own
from tests.open_items import ItemBooks, left_of

pytestmark = pytest.mark.django_db
JANUARY_31, FEBRUARY_1, FEBRUARY_10 = date(2026, 1, 31), date(2026, 2, 1), date(2026, 2, 10)


@pytest.fixture(params=["persistent", "auto_reverse"])
def method(request: pytest.FixtureRequest) -> str:
    """Return each method."""
    return str(request.param)


@pytest.fixture
def books(method: str) -> ItemBooks:
    """Return a ledger in CNY by the method, with the closing rate of January."""
    made = ItemBooks()
    save_closing_settings(made.ledger, version=None, actor=make_system_user(), fx_method=method)
    made.receivables.update_versioned(
        actor=make_system_user(), reason="test", expected_version=1, is_revalued=True
    )
    make_own(made.ledger.organization, "USD/CNY", "7.25", on=JANUARY_31)
    return made


def exchange_postings(books: ItemBooks) -> list[Decimal]:
    """Return what each posting to exchange differences gained, in their order."""
    lines = JournalLine.objects.filter(account=books.exchange, entry__state="posted")
    return [-line.base_amount for line in lines.order_by("entry_id")]


def customer_balance(books: ItemBooks) -> list[Decimal]:
    """Return what the customer owes in USD and in CNY."""
    rows = AccountBalance.objects.filter(account=books.receivables)
    return [
        sum((row.debit - row.credit for row in rows), start=Decimal(0)),
        sum((row.base_debit - row.base_credit for row in rows), start=Decimal(0)),
    ]


def test_usd_10000_at_710_closing_725_received_at_718_gains_800_in_all(
    books: ItemBooks, method: str
) -> None:
    invoice = books.invoice("10000", "71000", currency="USD")
    senior = make_senior(books.ledger)

    revalue_period(period_of(books.ledger, 1), actor=senior)
    receipt = books.receipt("10000", "71800", currency="USD", day=FEBRUARY_10)
    books.settle((invoice, "10000"), (receipt, "10000"), on=FEBRUARY_10)

    expected = {"persistent": [1500, -700], "auto_reverse": [1500, -1500, 800]}[method]
    assert exchange_postings(books) == expected
    # All exchange postings of an item are its settlement less its original amount.
    assert sum(exchange_postings(books)) == Decimal("71800.00") - Decimal("71000.00")
    assert customer_balance(books) == [0, 0]


def test_a_month_closes_with_its_receivable_at_the_closing_rate(
    books: ItemBooks, method: str
) -> None:
    invoice = books.invoice("10000", "71000", currency="USD")
    senior = make_senior(books.ledger)
    revalue_period(period_of(books.ledger, 1), actor=senior)
    january = period_of(books.ledger, 1)

    close_period(january, version=january.version, actor=senior)

    carried = {"persistent": 72500, "auto_reverse": 71000}[method]
    assert list(left_of(invoice)) == [10000, carried]
    assert [one for one in verify_inside_a_transaction() if one.count] == []
