"""Plain SQL against open items, movements and settlements: PostgreSQL refuses it."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction

from tests.ledgers.test_verify_books import broken_by
from tests.open_items import ItemBooks
from tests.sql import refuse, run

pytestmark = pytest.mark.django_db

FIXED, SETTLED, DIFFERS, APPEND_ONLY, OVER = "FM002", "FM030", "FM031", "FM007", "23514"


class Attacked(ItemBooks):
    """Books with an invoice, a receipt, and a settlement of half of both."""

    def __init__(self) -> None:
        """Make them."""
        super().__init__()
        self.bill = self.invoice("100", "710", currency="USD")
        self.payment = self.receipt("100", "718", currency="USD")
        self.other = self.invoice("30", "213", currency="USD")
        self.settlement = self.settle((self.bill, "50"), (self.payment, "50"))
        run("SET CONSTRAINTS ALL IMMEDIATE")
        run("SET CONSTRAINTS ALL DEFERRED")

    def ids(self) -> dict[str, object]:
        """Return the keys that attacks name."""
        return {
            "bill": self.bill.pk,
            "other": self.other.pk,
            "settlement": self.settlement.pk,
            "entry": self.bill.entry_id,
            "difference": self.settlement.entry_id,
            "line": self.bill.line_id,
        }


MOVE = (
    "INSERT INTO ledgers_itemmovement (item_id, kind, effective_on, amount, base_amount,"
    " settlement_id, entry_id, created_at) VALUES "
)
TAIL = "%(settlement)s, NULL, now())"
SETTLE = (
    "INSERT INTO ledgers_settlement (ledger_id, account_id, partner_id, currency_id,"
    " settled_on, amount, gain, state, made_by_id, undo_reason, version, created_at,"
    " updated_at)"
    " SELECT ledger_id, account_id, partner_id, currency_id, settled_on, 50, 0, 'active',"
    " made_by_id, '', 1, now(), now() FROM ledgers_settlement"
)
UNDO = (
    "UPDATE ledgers_settlement SET state = 'undone', undone_by_id = made_by_id,"
    " undone_on = settled_on"
)
ATTACKS = {
    "settle by hand": (DIFFERS, "UPDATE ledgers_openitem SET open_amount = 0"),
    "carry more": (DIFFERS, "UPDATE ledgers_openitem SET carrying_base = carrying_base + 1"),
    "enlarge an item": (DIFFERS, "UPDATE ledgers_openitem SET amount = amount * 2"),
    "give an item away": (DIFFERS, "UPDATE ledgers_openitem SET partner_id = NULL"),
    "forget an item": (FIXED, "DELETE FROM ledgers_openitem"),
    "forget all items": (FIXED, "TRUNCATE ledgers_openitem CASCADE"),
    "forget a settlement": (FIXED, "DELETE FROM ledgers_settlement"),
    "forget a movement": (APPEND_ONLY, "DELETE FROM ledgers_itemmovement"),
    "change a movement": (APPEND_ONLY, "UPDATE ledgers_itemmovement SET amount = 1"),
    "change a gain": (DIFFERS, "UPDATE ledgers_settlement SET gain = 0"),
    "undo without moving back": (
        DIFFERS,
        UNDO,
    ),
    "settle without moving": (DIFFERS, SETTLE),
    "move one side only": (
        DIFFERS,
        f"{MOVE} (%(other)s, 'settlement', '2026-01-15', -10, -71, {TAIL}",
    ),
    "settle more than there is": (
        OVER,
        f"{MOVE} (%(other)s, 'settlement', '2026-01-15', -60, -426, {TAIL}",
    ),
    "move an item the wrong way": (
        OVER,
        f"{MOVE} (%(bill)s, 'undo', '2026-01-15', 60, 426, {TAIL}",
    ),
    "revalue without an entry": (
        "23514",
        f"{MOVE} (%(bill)s, 'revaluation', '2026-01-15', 0, 5, NULL, NULL, now())",
    ),
    "revalue more than the entry": (
        DIFFERS,
        f"{MOVE} (%(bill)s, 'revaluation', '2026-01-15', 0, 5, NULL, %(difference)s, now())",
    ),
    "reverse by hand": (
        DIFFERS,
        f"{MOVE} (%(bill)s, 'reversal', '2026-01-15', -50, -355, NULL, %(entry)s, now())",
    ),
    "move before the item": (
        DIFFERS,
        f"{MOVE} (%(bill)s, 'revaluation', '2026-01-01', 0, 5, NULL, %(entry)s, now())",
    ),
}


@pytest.fixture
def books() -> Attacked:
    """Return books with half a settlement."""
    return Attacked()


@pytest.mark.parametrize("attack", ATTACKS)
def test_it_refuses_to(attack: str, books: Attacked) -> None:
    sqlstate, sql = ATTACKS[attack]
    named = {key: value for key, value in books.ids().items() if f"%({key})s" in sql}

    refuse(sqlstate, sql, **named)


def test_it_refuses_an_item_that_is_no_line(books: Attacked) -> None:
    run("SET LOCAL session_replication_role = replica")
    run("DELETE FROM ledgers_openitem WHERE id = %(id)s", id=books.payment.pk)
    run("SET LOCAL session_replication_role = origin")

    refuse(
        DIFFERS,
        "INSERT INTO ledgers_openitem (ledger_id, account_id, entry_id, line_id, entry_date,"
        " due_on, reference, currency_id, amount, base_amount, open_amount, carrying_base,"
        " version) SELECT ledger_id, account_id, entry_id, id, entry_date, entry_date, '',"
        " currency_id, amount * 2, base_amount, amount, base_amount, 1"
        " FROM ledgers_journalline WHERE id = %(line)s",
        line=books.payment.line_id,
    )


def test_it_refuses_a_difference_entry_without_a_settlement(books: Attacked) -> None:
    line = books.line(books.receivables, "0", "5", currency="USD")

    with pytest.raises(DatabaseError, match="belongs to a settlement"), transaction.atomic():
        books.post(line, books.line(books.exchange, "-5"), kind="settlement")
        run("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize(
    ("sql", "check"),
    [
        (
            "UPDATE ledgers_openitem SET carrying_base = carrying_base + 1",
            "open items add up to their control accounts",
        ),
        (
            "UPDATE ledgers_openitem SET open_amount = 0",
            "open items are what their movements left",
        ),
        (
            "DELETE FROM ledgers_openitem",
            "every posted line on a control account has its item",
        ),
        (
            "UPDATE ledgers_settlement SET gain = 0",
            "settlements moved their items, and their entries moved the accounts",
        ),
        (
            "ALTER TABLE ledgers_openitem DISABLE TRIGGER openitem_update_guard",
            "guards are present and enabled",
        ),
    ],
)
@pytest.mark.usefixtures("books")
def test_verify_books_finds(sql: str, check: str) -> None:
    assert check in broken_by(sql)
