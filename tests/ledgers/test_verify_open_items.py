"""`verify_books` finds damage to items and settlements that somebody above all guards did."""

from __future__ import annotations

import pytest

from apps.ledgers.models import Settlement
from apps.ledgers.services.settlement import undo_settlement
from apps.ledgers.services.verification import verify_inside_a_transaction
from tests.ledgers.test_verify_books import broken_by
from tests.open_items import ItemBooks

pytestmark = pytest.mark.django_db

CONTROL = "open items add up to their control accounts"
LEFT = "open items are what their movements left"
MIRROR = "every posted line on a control account has its item"
MOVED = "settlements moved their items, and their entries moved the accounts"
TWICE = "nothing is settled twice"
GAINED = "exchange differences are what their settlements gained"
AGAIN = (
    "INSERT INTO ledgers_itemmovement (item_id, kind, effective_on, amount, base_amount,"
    " settlement_id, entry_id, created_at) SELECT item_id, kind, effective_on, amount,"
    " base_amount, settlement_id, entry_id, created_at FROM ledgers_itemmovement"
    " WHERE settlement_id = %(part)s"
)


class Damaged(ItemBooks):
    """Books whose settlement of a part is known."""

    part: Settlement


@pytest.fixture
def books() -> Damaged:
    """Return books with a settled pair, a part of another, one undone, and a bill in CNY."""
    books = Damaged()
    pairs = [
        (
            books.invoice("100", "710", currency="USD"),
            books.receipt("100", "718", currency="USD"),
        )
        for _ in range(3)
    ]
    books.settle(*((item, "100") for item in pairs[0]))
    books.part = books.settle(*((item, "60") for item in pairs[1]))
    undone = books.settle(*((item, "100") for item in pairs[2]))
    undo_settlement(undone, version=1, actor=books.accountant, reason="Wrong pair")
    books.invoice("55")
    return books


def test_sound_books_hold(books: Damaged) -> None:
    assert [one.name for one in verify_inside_a_transaction() if one.count] == []


@pytest.mark.parametrize(
    ("sql", "checks"),
    [
        ("UPDATE ledgers_openitem SET carrying_base = carrying_base + 0.01", {CONTROL, LEFT}),
        (
            "UPDATE ledgers_openitem SET open_amount = open_amount / 2 WHERE open_amount = 55",
            {CONTROL, LEFT},
        ),
        (
            (
                "UPDATE ledgers_accountbalance b SET base_debit = base_debit + 0.01"
                " FROM ledgers_account a WHERE a.id = b.account_id AND a.control = 'receivable'"
            ),
            {CONTROL},
        ),
        ("UPDATE ledgers_openitem SET amount = 56 WHERE open_amount = 55", {LEFT, MIRROR}),
        ("DELETE FROM ledgers_openitem WHERE open_amount = 55", {CONTROL, MIRROR}),
        ("DELETE FROM ledgers_itemmovement WHERE settlement_id = %(part)s", {LEFT, MOVED}),
        (
            (
                "UPDATE ledgers_itemmovement SET amount = 2*amount, base_amount = 2*base_amount"
                " WHERE settlement_id = %(part)s"
            ),
            {LEFT, TWICE},
        ),
        (
            (
                "UPDATE ledgers_itemmovement SET base_amount = base_amount + 1"
                " WHERE settlement_id = %(part)s AND amount < 0"
            ),
            {LEFT, MOVED},
        ),
        ("UPDATE ledgers_settlement SET gain = 9 WHERE id = %(part)s", {GAINED, MOVED}),
        ("UPDATE ledgers_settlement SET entry_id = NULL WHERE id = %(part)s", {GAINED}),
        (
            (
                "UPDATE ledgers_settlement SET state = 'undone', undone_by_id = made_by_id,"
                " undone_on = settled_on WHERE id = %(part)s"
            ),
            {GAINED, MOVED},
        ),
        (
            (
                "UPDATE ledgers_journalline SET base_amount = base_amount * 2"
                " WHERE entry_id = %(difference)s"
            ),
            {GAINED},
        ),
        (
            (
                "UPDATE ledgers_journalentry SET reversal_of_id = NULL"
                " WHERE reversal_of_id IS NOT NULL"
            ),
            {GAINED},
        ),
    ],
)
def test_it_finds(books: Damaged, sql: str, checks: set[str]) -> None:
    values = {"part": books.part.pk, "difference": books.part.entry_id}
    named = {name: value for name, value in values.items() if f"%({name})s" in sql}

    assert checks <= broken_by(sql, **named)


def test_it_finds_a_settlement_that_moved_its_items_twice(books: Damaged) -> None:
    found = broken_by(
        f"DROP INDEX movement_of_settlement_is_unique; {AGAIN}", part=books.part.pk
    )

    assert {TWICE, LEFT} <= found


def test_it_finds_a_line_with_two_items(books: Damaged) -> None:
    columns = (
        "ledger_id, account_id, partner_id, dimension_set_id, entry_id, line_id, entry_date,"
        " due_on, reference, currency_id, amount, base_amount, open_amount, carrying_base,"
        " version"
    )
    drop = "ALTER TABLE ledgers_openitem DROP CONSTRAINT ledgers_openitem_line_id_key"
    copy = f"INSERT INTO ledgers_openitem ({columns}) SELECT {columns} FROM ledgers_openitem"

    assert {TWICE, CONTROL} <= broken_by(f"{drop}; {copy} WHERE open_amount = 55")
