"""The rounding line: within half a minor unit for each foreign line, and never a tolerance."""

from __future__ import annotations

from decimal import Decimal

import pytest

from apps.ledgers.domain.entries import CREDIT, DEBIT, EntryInput, LineInput
from apps.ledgers.item_errors import RoundingTooLarge, SystemAccountIsMissing
from apps.ledgers.services.rounding import rounding_line_for
from tests.factories import DAY, make_system_user
from tests.open_items import ItemBooks

pytestmark = pytest.mark.django_db


@pytest.fixture
def books() -> ItemBooks:
    """Return a ledger in CNY that names its rounding account."""
    return ItemBooks()


def thirds(books: ItemBooks, total: str, *, currency: str = "CNY") -> EntryInput:
    """Return USD 33.33, 33.33 and 33.34 at 7.1234 against a total in CNY (S34)."""
    parts = (("33.33", "237.42"), ("33.33", "237.42"), ("33.34", "237.49"))
    lines = [books.line(books.bank, usd, base, currency="USD") for usd, base in parts]
    other = "-100.00" if currency == "USD" else f"-{total}"
    lines.append(books.line(books.sales, other, f"-{total}", currency=currency))
    return EntryInput(entry_date=DAY, lines=tuple(lines))


@pytest.mark.parametrize("currency", ["USD", "CNY"])
def test_712_33_against_712_34_takes_a_line_of_0_01(books: ItemBooks, currency: str) -> None:
    content = thirds(books, "712.34", currency=currency)

    line = rounding_line_for(books.ledger, content)

    assert line is not None
    assert (line.account_id, line.side) == (books.rounding.pk, DEBIT)
    assert (line.amount, line.base_amount, line.currency) == (
        Decimal("0.01"), Decimal("0.01"), "CNY",
    )  # fmt: skip


def test_the_line_stands_on_the_side_that_is_short(books: ItemBooks) -> None:
    line = rounding_line_for(books.ledger, thirds(books, "712.32"))

    assert line is not None
    assert (line.side, line.base_amount) == (CREDIT, Decimal("-0.01"))


@pytest.mark.parametrize(
    ("total", "currency", "bound"),
    [("712.35", "CNY", "0.015"), ("712.31", "CNY", "0.015"), ("712.35", "USD", "0.02")],
)
def test_two_cents_are_refused_with_the_exact_difference(
    books: ItemBooks, total: str, currency: str, bound: str
) -> None:
    with pytest.raises(RoundingTooLarge, match=r"CNY 0\.02") as refused:
        rounding_line_for(books.ledger, thirds(books, total, currency=currency))

    assert refused.value.values["bound"] == Decimal(bound)


def test_the_smallest_difference_without_a_foreign_line_is_refused(books: ItemBooks) -> None:
    lines = (books.line(books.bank, "1.00"), books.line(books.sales, "-1.01"))

    with pytest.raises(RoundingTooLarge, match=r"CNY 0\.01"):
        rounding_line_for(books.ledger, EntryInput(entry_date=DAY, lines=lines))


def test_yen_round_to_whole_yen() -> None:
    yen = ItemBooks(currency="JPY")
    parts = [yen.line(yen.bank, "1.00", "157", currency="USD") for _ in range(3)]
    lines = (*parts, yen.line(yen.sales, "-472", currency="JPY"))

    line = rounding_line_for(yen.ledger, EntryInput(entry_date=DAY, lines=lines))

    assert line is not None
    assert line.amount == Decimal(1)


def test_an_entry_that_balances_takes_none(books: ItemBooks) -> None:
    assert rounding_line_for(books.ledger, thirds(books, "712.33")) is None


def test_without_an_account_for_it_nothing_is_guessed(books: ItemBooks) -> None:
    books.ledger.update_versioned(
        actor=make_system_user(), reason="", expected_version=None, rounding_account=None
    )

    with pytest.raises(SystemAccountIsMissing):
        rounding_line_for(books.ledger, thirds(books, "712.34"))


def test_the_books_take_the_entry_with_its_line_and_not_without(books: ItemBooks) -> None:
    content = thirds(books, "712.34")
    line = rounding_line_for(books.ledger, content)
    assert isinstance(line, LineInput)

    entry = books.post(*content.lines, line)

    assert entry.lines.get(account=books.rounding).base_amount == Decimal("0.01")
