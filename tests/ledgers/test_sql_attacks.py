"""What must never be in the books is refused by PostgreSQL itself, whoever writes.

Each attack is plain SQL past every line of Python, by the owner of the tables. It has to
fail with the SQLSTATE of the guard that is meant to stop it, and not by accident.
"""

from __future__ import annotations

from typing import Any

import pytest

from apps.ledgers.models import Account, JournalEntry, Ledger
from tests.factories import (
    make_account,
    make_approved,
    make_approver,
    make_dimension_type,
    make_draft,
    make_ledger,
    make_posted,
    make_submitted,
    period_of,
)
from tests.sql import refuse, run

pytestmark = pytest.mark.django_db

UNBALANCED, FIXED, NO_STEP, PERIOD, LINE = "FM001", "FM002", "FM003", "FM004", "FM005"
CHECK, UNIQUE = "23514", "23505"


class Books:
    """A ledger with two accounts and an entry in a state."""

    def __init__(self) -> None:
        """Make them."""
        self.ledger: Ledger = make_ledger()
        self.bank: Account = make_account(self.ledger)
        self.sales: Account = make_account(self.ledger)
        self.lines = ((self.bank, "100.00"), (self.sales, "-100.00"))

    def approved_with(
        self, bank: Account | None = None, amount: str = "100.00"
    ) -> JournalEntry:
        """Return an approved entry whose lines were never checked by Python."""
        draft = make_draft(self.ledger, (bank or self.bank, amount), (self.sales, f"-{amount}"))
        self.approve_by_sql(draft)
        return draft

    def approve_by_sql(self, draft: JournalEntry) -> None:
        """Walk the legal steps by SQL."""
        checker = make_approver_id(self.ledger)
        for step in ("submitted", "approved"):
            run(
                "UPDATE ledgers_journalentry SET state = %(state)s, content_hash ="
                " (SELECT content_hash FROM ledgers_content_hashes(ARRAY[%(id)s::bigint])),"
                " checker_id = %(checker)s WHERE id = %(id)s",
                state=step, checker=checker, id=draft.pk,
            )  # fmt: skip


def make_approver_id(ledger: Ledger) -> int:
    """Return the key of another person of the organization."""
    return make_approver(ledger).pk


POST = (
    "UPDATE ledgers_journalentry SET state = 'posted', number = 1, posted_at = now()"
    " WHERE id = %(id)s"
)


ADD_A_LINE = """
INSERT INTO ledgers_journalline (ledger_id, entry_id, position, entry_date, account_id, side,
  currency_id, amount, rate, base_amount, summary)
SELECT ledger_id, entry_id, position + 10, entry_date, account_id, side, currency_id, amount,
  rate, base_amount, '' FROM ledgers_journalline WHERE entry_id = %(id)s
"""


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


# What is fixed ---------------------------------------------------------------------------


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
