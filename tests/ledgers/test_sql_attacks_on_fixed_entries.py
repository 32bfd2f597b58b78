"""What is submitted or posted does not change, whoever writes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories import (
    make_approved,
    make_draft,
    make_posted,
    make_submitted,
)
from tests.ledgers.books_under_attack import POST, Books, make_approver_id
from tests.sql import refuse, run

pytestmark = pytest.mark.django_db

FIXED, NO_STEP, FOREIGN = "FM002", "FM003", "FM006"
CHECK, UNIQUE = "23514", "23505"
ADD_A_LINE = """
INSERT INTO ledgers_journalline (ledger_id, entry_id, position, entry_date, account_id, side,
  currency_id, amount, rate, base_amount, summary)
SELECT ledger_id, entry_id, position + 10, entry_date, account_id, side, currency_id, amount,
  rate, base_amount, '' FROM ledgers_journalline WHERE entry_id = %(id)s
"""


@pytest.fixture
def books() -> Books:
    return Books()


@pytest.mark.parametrize(
    "change",
    ["summary = 'x'", "total = 1", "entry_date = entry_date + 1", "number = 9",
     "state = 'draft', number = NULL", "state = 'cancelled', number = NULL", "version = 99",
     "maker_id = checker_id, checker_id = maker_id", "posted_at = now()",
     "content_hash = 'x'", "reversal_of_id = NULL", "id = id + 100000"],
)  # fmt: skip
def test_a_posted_entry_never_changes(books: Books, change: str) -> None:
    entry = make_posted(books.ledger, *books.lines)

    refuse(FIXED, f"UPDATE ledgers_journalentry SET {change} WHERE id = %(id)s", id=entry.pk)


@pytest.mark.parametrize("whose", ["nobody", "another organization's"])
def test_nobody_from_elsewhere_approves(books: Books, whose: str) -> None:
    entry = make_submitted(books.ledger, *books.lines)
    elsewhere = 0 if whose == "nobody" else make_approver_id(Books().ledger)

    refuse(
        FOREIGN,
        "UPDATE ledgers_journalentry SET state = 'approved', checker_id = %(checker)s"
        " WHERE id = %(id)s",
        checker=elsewhere,
        id=entry.pk,
    )


@pytest.mark.parametrize("make", [make_draft, make_submitted, make_approved, make_posted])
def test_no_entry_is_ever_deleted(books: Books, make: Any) -> None:
    entry = make(books.ledger, *books.lines)

    refuse(FIXED, "DELETE FROM ledgers_journalentry WHERE id = %(id)s", id=entry.pk)


@pytest.mark.parametrize("table", ["ledgers_journalentry", "ledgers_journalline"])
def test_the_journal_is_never_truncated(table: str) -> None:
    refuse(FIXED, f"TRUNCATE {table} CASCADE")


@pytest.mark.parametrize("make", [make_submitted, make_approved, make_posted])
@pytest.mark.parametrize(
    "attack",
    ["UPDATE ledgers_journalline SET amount = 1, base_amount = 1 WHERE entry_id = %(id)s",
     "DELETE FROM ledgers_journalline WHERE entry_id = %(id)s",
     ADD_A_LINE],
)  # fmt: skip
def test_lines_are_fixed_from_submission_on(books: Books, make: Any, attack: str) -> None:
    entry = make(books.ledger, *books.lines)

    refuse(FIXED, attack, id=entry.pk)


def test_a_line_never_moves_to_another_entry(books: Books) -> None:
    first = make_draft(books.ledger, *books.lines)
    second = make_draft(books.ledger)

    refuse(
        FIXED,
        "UPDATE ledgers_journalline SET entry_id = %(to)s WHERE entry_id = %(id)s",
        id=first.pk, to=second.pk,
    )  # fmt: skip


def test_the_content_of_a_submitted_entry_is_fixed(books: Books) -> None:
    entry = make_submitted(books.ledger, *books.lines)

    refuse(
        FIXED, "UPDATE ledgers_journalentry SET summary = 'x' WHERE id = %(id)s", id=entry.pk
    )


def test_the_checker_of_an_approved_entry_is_fixed(books: Books) -> None:
    entry = make_approved(books.ledger, *books.lines)

    refuse(
        FIXED,
        "UPDATE ledgers_journalentry SET checker_id = %(other)s WHERE id = %(id)s",
        id=entry.pk, other=make_approver_id(books.ledger),
    )  # fmt: skip


def test_a_hash_that_is_not_of_the_lines_is_not_submitted(books: Books) -> None:
    draft = make_draft(books.ledger, *books.lines)

    refuse(
        "FM015",
        "UPDATE ledgers_journalentry SET state = 'submitted', content_hash = 'forged'"
        " WHERE id = %(id)s",
        id=draft.pk,
    )


@pytest.mark.parametrize("step", ["approved", "posted", "cancelled"])
def test_no_step_is_skipped(books: Books, step: str) -> None:
    entry = make_submitted(books.ledger, *books.lines)
    if step == "approved":
        run(
            "UPDATE ledgers_journalentry SET state = 'draft', submitted_at = NULL"
            " WHERE id = %(id)s",
            id=entry.pk,
        )

    refuse(
        NO_STEP,
        "UPDATE ledgers_journalentry SET state = %(step)s, checker_id = %(checker)s,"
        " number = CASE WHEN %(step)s = 'posted' THEN 1 END WHERE id = %(id)s",
        id=entry.pk, step=step, checker=make_approver_id(books.ledger),
    )  # fmt: skip


def test_nobody_approves_the_own_entry(books: Books) -> None:
    entry = make_submitted(books.ledger, *books.lines)

    refuse(
        CHECK,
        "UPDATE ledgers_journalentry SET state = 'approved', checker_id = maker_id"
        " WHERE id = %(id)s",
        id=entry.pk,
    )


def test_a_number_belongs_to_posted_entries_alone(books: Books) -> None:
    draft = make_draft(books.ledger, *books.lines)

    refuse(CHECK, "UPDATE ledgers_journalentry SET number = 1 WHERE id = %(id)s", id=draft.pk)


def test_a_number_is_given_once(books: Books) -> None:
    make_posted(books.ledger, *books.lines)
    second = make_approved(books.ledger, *books.lines)

    refuse(UNIQUE, POST, id=second.pk)
