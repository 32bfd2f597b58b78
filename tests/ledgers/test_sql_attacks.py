"""What must never be in the books is refused by PostgreSQL itself, whoever writes.

Each attack is plain SQL past every line of Python, by the owner of the tables. It has to
fail with the SQLSTATE of the guard that is meant to stop it, and not by accident.
"""

from __future__ import annotations

import pytest

from tests.factories import (
    make_account,
    make_approved,
    make_dimension_type,
    make_draft,
    period_of,
)
from tests.ledgers.books_under_attack import POST, Books, make_approver_id
from tests.sql import refuse, run

pytestmark = pytest.mark.django_db

UNBALANCED, FIXED, NO_STEP, PERIOD, LINE = "FM001", "FM002", "FM003", "FM004", "FM005"
CHECK, UNIQUE = "23514", "23505"


@pytest.fixture
def books() -> Books:
    return Books()


# Posting ---------------------------------------------------------------------------------


def test_an_entry_out_of_balance_cannot_be_posted(books: Books) -> None:
    draft = make_draft(books.ledger, (books.bank, "100.00"), (books.sales, "-99.99"))
    books.approve_by_sql(draft)

    refuse(UNBALANCED, POST, id=draft.pk)


def test_an_entry_of_one_line_cannot_be_posted(books: Books) -> None:
    draft = make_draft(books.ledger, (books.bank, "100.00"))
    books.approve_by_sql(draft)

    refuse(UNBALANCED, POST, id=draft.pk)


def test_an_entry_without_lines_cannot_be_posted(books: Books) -> None:
    draft = make_draft(books.ledger)
    books.approve_by_sql(draft)

    refuse(UNBALANCED, POST, id=draft.pk)


def test_a_wrong_total_cannot_be_posted(books: Books) -> None:
    draft = make_draft(books.ledger, *books.lines)
    run("UPDATE ledgers_journalentry SET total = 5 WHERE id = %(id)s", id=draft.pk)
    books.approve_by_sql(draft)

    refuse(UNBALANCED, POST, id=draft.pk)


def test_a_draft_of_yesterday_cannot_jump_to_posted(books: Books) -> None:
    draft = make_draft(books.ledger, *books.lines)
    run(
        "SET CONSTRAINTS ALL IMMEDIATE;"
        "ALTER TABLE ledgers_journalentry DISABLE TRIGGER USER;"
        "UPDATE ledgers_journalentry SET created_xid = '3'::xid8;"
        "ALTER TABLE ledgers_journalentry ENABLE TRIGGER USER"
    )

    refuse(
        NO_STEP,
        "UPDATE ledgers_journalentry SET state = 'posted', number = 1, content_hash = 'x',"
        " checker_id = %(checker)s WHERE id = %(id)s",
        id=draft.pk, checker=make_approver_id(books.ledger),
    )  # fmt: skip


@pytest.mark.parametrize("state", ["submitted", "approved", "posted", "cancelled"])
def test_an_entry_is_born_as_a_draft(books: Books, state: str) -> None:
    draft = make_draft(books.ledger, *books.lines)

    refuse(
        NO_STEP,
        "INSERT INTO ledgers_journalentry (ledger_id, period_id, word, entry_date, kind, state,"
        " source, summary, total, maker_id, checker_id, number, review_note, payload_hash,"
        " content_hash, version, created_at, updated_at)"
        " SELECT ledger_id, period_id, word, entry_date, kind, %(state)s, source, summary,"
        " total, maker_id, %(checker)s, CASE WHEN %(state)s = 'posted' THEN 1 END, '', '', 'x',"
        " 1, now(), now() FROM ledgers_journalentry WHERE id = %(id)s",
        state=state, id=draft.pk, checker=make_approver_id(books.ledger),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("column", "value"), [("is_leaf", False), ("is_active", False), ("currency_id", "USD")]
)
def test_a_line_on_an_unfit_account_cannot_be_posted(
    books: Books, column: str, value: object
) -> None:
    account = make_account(books.ledger, **{column: value})  # type: ignore[arg-type]

    refuse(LINE, POST, id=books.approved_with(account).pk)


def test_a_line_without_its_dimension_cannot_be_posted(books: Books) -> None:
    kind = make_dimension_type(books.ledger.organization)
    account = make_account(books.ledger, required_dimension_ids=[kind.pk])

    refuse(LINE, POST, id=books.approved_with(account).pk)


def test_a_manual_line_on_a_system_account_cannot_be_posted(books: Books) -> None:
    account = make_account(books.ledger, allows_manual=False)

    refuse(LINE, POST, id=books.approved_with(account).pk)


def test_an_amount_finer_than_its_currency_cannot_be_posted(books: Books) -> None:
    refuse(LINE, POST, id=books.approved_with(amount="1.005").pk)


def test_base_and_amount_of_a_base_currency_line_cannot_differ(books: Books) -> None:
    entry = make_draft(books.ledger)
    run(
        "INSERT INTO ledgers_journalline (ledger_id, entry_id, position, entry_date,"
        " account_id, side, currency_id, amount, rate, base_amount, summary) VALUES"
        " (%(l)s, %(e)s, 1, %(d)s, %(a)s, 1, 'CNY', 5, 1, 7, ''),"
        " (%(l)s, %(e)s, 2, %(d)s, %(b)s, -1, 'CNY', -5, 1, -7, '')",
        l=books.ledger.pk, e=entry.pk, d=entry.entry_date, a=books.bank.pk, b=books.sales.pk,
    )  # fmt: skip
    run("UPDATE ledgers_journalentry SET total = 7 WHERE id = %(id)s", id=entry.pk)
    books.approve_by_sql(entry)

    refuse(LINE, POST, id=entry.pk)


def test_nothing_is_posted_into_a_closed_period(books: Books) -> None:
    entry = make_approved(books.ledger, *books.lines)
    run(
        "SET CONSTRAINTS ALL IMMEDIATE;"
        "ALTER TABLE ledgers_period DISABLE TRIGGER USER;"
        "UPDATE ledgers_period SET state = 'closed';"
        "ALTER TABLE ledgers_period ENABLE TRIGGER USER"
    )

    refuse(PERIOD, POST, id=entry.pk)


def test_a_date_outside_its_period_cannot_be_posted(books: Books) -> None:
    draft = make_draft(books.ledger, *books.lines)
    february = period_of(books.ledger, 2).pk
    run(
        "UPDATE ledgers_journalentry SET period_id = %(p)s WHERE id = %(id)s",
        p=february, id=draft.pk,
    )  # fmt: skip
    books.approve_by_sql(draft)

    refuse(PERIOD, POST, id=draft.pk)
