"""`verify_books` finds what plain SQL with the guards switched off has broken."""

from __future__ import annotations

import io
import json

import pytest
from django.core.management import call_command

from apps.ledgers.models import JournalEntry
from apps.ledgers.services.attachments import attach_file
from apps.ledgers.services.verification import verify_inside_a_transaction
from tests.factories import make_account, make_ledger, make_posted, make_submitted
from tests.ledgers.uploads import make_upload
from tests.sql import run

pytestmark = pytest.mark.django_db


@pytest.fixture
def entry() -> JournalEntry:
    """Return a posted entry beside a submitted one."""
    ledger = make_ledger()
    lines = (make_account(ledger), "100.00"), (make_account(ledger), "-100.00")
    make_submitted(ledger, *lines)
    return make_posted(ledger, *lines)


def broken_by(sql: str, **values: object) -> set[str]:
    """Run SQL as somebody who can switch triggers off; return the checks that find it."""
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("SET LOCAL session_replication_role = replica")
    run(sql, **values)
    run("SET LOCAL session_replication_role = origin")
    return {outcome.name for outcome in verify_inside_a_transaction() if outcome.count}


def test_sound_books_hold(entry: JournalEntry) -> None:
    assert entry.number == 1
    assert [one.name for one in verify_inside_a_transaction() if one.count] == []


@pytest.mark.parametrize(
    ("sql", "check"),
    [
        (
            "UPDATE ledgers_accountbalance SET base_debit = base_debit + 0.01",
            "balances are the sums of posted lines",
        ),
        ("DELETE FROM ledgers_accountbalance", "balances are the sums of posted lines"),
        (
            "UPDATE ledgers_accounttotal SET line_count = line_count + 1",
            "totals are the sums of balances and count every line",
        ),
        (
            "DELETE FROM ledgers_accounttotal",
            "totals are the sums of balances and count every line",
        ),
        (
            "UPDATE ledgers_journalentry SET number = 7 WHERE id = %(id)s",
            "numbers have no gap and the counter is the last",
        ),
        (
            "UPDATE ledgers_entrycounter SET last_number = 9",
            "numbers have no gap and the counter is the last",
        ),
        (
            "DELETE FROM ledgers_journalline WHERE entry_id = %(id)s AND position = 1",
            "posted entries balance",
        ),
        (
            "UPDATE ledgers_journalentry SET entry_date = '2026-03-01' WHERE id = %(id)s",
            "posted entries lie in their period",
        ),
        (
            "UPDATE ledgers_journalline SET summary = 'x' WHERE entry_id = %(id)s",
            "content is what was submitted",
        ),
        (
            "DELETE FROM audit_operationlog WHERE resource_type = 'ledgers_journalentry'",
            "every posted entry has its row in the operation log",
        ),
        (
            "UPDATE ledgers_account SET name = 'as if'",
            "history ends with the live row",
        ),
        (
            "UPDATE ledgers_journalentry SET summary = 'as if' WHERE state = 'submitted'",
            "history of unposted entries ends with the live row",
        ),
        (
            "ALTER TABLE ledgers_journalline DISABLE TRIGGER journalline_insert_guard",
            "guards are present and enabled",
        ),
    ],
)
def test_it_finds(entry: JournalEntry, sql: str, check: str) -> None:
    values = {"id": entry.pk} if "%(id)s" in sql else {}

    assert check in broken_by(sql, **values)


def test_it_finds_a_changed_file(entry: JournalEntry) -> None:
    attachment = attach_file(entry, make_upload("a.txt", b"original"), actor=entry.maker)
    with attachment.file.storage.open(attachment.file.name or "", "wb") as file:
        file.write(b"changed")

    found = {one.name for one in verify_inside_a_transaction() if one.count}

    assert found == {"attachments are the files of their digests"}


def test_the_command_ends_with_1_and_names_what_it_found(entry: JournalEntry) -> None:
    broken_by("UPDATE ledgers_entrycounter SET last_number = 9")
    out = io.StringIO()

    with pytest.raises(SystemExit) as ended:
        call_command("verify_books", "--json", "--ledger", entry.ledger.code, stdout=out)

    assert ended.value.code == 1
    answer = json.loads(out.getvalue())
    assert not answer["holds"]
    assert [one["count"] for one in answer["checks"] if one["count"]] == [1]


def test_the_command_says_nothing_is_wrong(entry: JournalEntry) -> None:
    out = io.StringIO()

    call_command("verify_books", "--ledger", entry.ledger.code, stdout=out)

    assert "FOUND" not in out.getvalue()


def test_the_command_ends_with_2_when_it_cannot_look() -> None:
    with pytest.raises(SystemExit) as ended:
        call_command("verify_books", "--ledger", "nowhere", stderr=io.StringIO())

    assert ended.value.code == 2
