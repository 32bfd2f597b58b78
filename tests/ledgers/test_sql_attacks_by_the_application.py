"""What the application's own database role cannot do, even if all of Python were hostile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.core.management import call_command
from django.db import connection

from tests.factories import (
    make_account,
    make_approved,
    make_approver,
    make_ledger,
    make_posted,
)
from tests.sql import refuse, run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.ledgers.models import JournalEntry

pytestmark = pytest.mark.django_db

NOT_ALLOWED = "42501"
ROLE = "runtime_of_the_test"


@pytest.fixture
def approved() -> JournalEntry:
    """Return an approved entry, beside a posted one of the same ledger."""
    ledger = make_ledger()
    lines = (make_account(ledger), "100.00"), (make_account(ledger), "-100.00")
    make_posted(ledger, *lines)
    return make_approved(ledger, *lines)


@pytest.fixture
def as_application(approved: JournalEntry) -> Iterator[None]:
    """Act as a role that owns nothing and holds what the application is granted."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {ROLE}")
        call_command("grant_runtime_role", ROLE, verbosity=0)
        cursor.execute(f"SET ROLE {ROLE}")
        yield
        cursor.execute("RESET ROLE")


BORN_POSTED = """
WITH h AS (
  INSERT INTO ledgers_journalentry (id, ledger_id, period_id, word, entry_date, kind, state,
      source, summary, total, maker_id, checker_id, number, review_note, payload_hash,
      content_hash, version, created_at, updated_at)
    SELECT nextval('ledgers_journalentry_id_seq'), ledger_id, period_id, word, entry_date,
      kind, 'posted', source, summary, total, maker_id, checker_id, 99, '', '', content_hash, 1,
      now(), now() FROM ledgers_journalentry WHERE id = %(entry)s RETURNING id
)
INSERT INTO ledgers_journalline (ledger_id, entry_id, position, entry_date, account_id, side,
    currency_id, amount, rate, base_amount, summary)
  SELECT l.ledger_id, h.id, l.position, l.entry_date, l.account_id, l.side, l.currency_id,
    l.amount, l.rate, l.base_amount, l.summary
  FROM h, ledgers_journalline l WHERE l.entry_id = %(entry)s
"""
ATTACKS = {
    "bear an entry posted": BORN_POSTED,
    "post past the posting path": (
        "UPDATE ledgers_journalentry SET state = 'posted', number = 99 WHERE id = %(entry)s"
    ),
    "give a number": "UPDATE ledgers_journalentry SET number = 99 WHERE id = %(entry)s",
    "raise a balance": "UPDATE ledgers_accountbalance SET base_debit = base_debit + 1",
    "invent a balance": (
        "INSERT INTO ledgers_accountbalance SELECT * FROM ledgers_accountbalance"
    ),
    "drop a balance": "DELETE FROM ledgers_accountbalance",
    "raise a total": "UPDATE ledgers_accounttotal SET debit = debit + 1",
    "drop a total": "DELETE FROM ledgers_accounttotal",
    "set a counter back": "UPDATE ledgers_entrycounter SET last_number = 0",
    "drop a counter": "DELETE FROM ledgers_entrycounter",
    "delete an entry": "DELETE FROM ledgers_journalentry",
    "truncate the journal": "TRUNCATE ledgers_journalline",
    "truncate the log": "TRUNCATE audit_operationlog",
    "change the log": "UPDATE audit_operationlog SET actor_name = 'somebody else'",
    "delete from the log": "DELETE FROM audit_operationlog",
    "delete a user": "DELETE FROM organizations_user",
    "delete a period": "DELETE FROM ledgers_period",
    "delete an account": "DELETE FROM ledgers_account",
    "change history": "UPDATE ledgers_historicalaccount SET name = 'as if'",
    "delete history": "DELETE FROM ledgers_historicaljournalentry",
    "disable the guards": "ALTER TABLE ledgers_journalentry DISABLE TRIGGER ALL",
    "switch all triggers off": "SET session_replication_role = replica",
    "drop a guard": "DROP TRIGGER journalline_insert_guard ON ledgers_journalline",
    "rewrite a guard": (
        "CREATE OR REPLACE FUNCTION ledgers_refuse(code text, message text, detail json)"
        " RETURNS void LANGUAGE plpgsql AS $$ BEGIN END $$"
    ),
    "drop a constraint": (
        "ALTER TABLE ledgers_journalentry DROP CONSTRAINT entry_maker_is_not_checker"
    ),
    "invent an open item": "INSERT INTO ledgers_openitem SELECT * FROM ledgers_openitem",
    "settle by hand": "UPDATE ledgers_openitem SET open_amount = 0",
    "drop an open item": "DELETE FROM ledgers_openitem",
    "change a movement": "UPDATE ledgers_itemmovement SET amount = 0",
    "drop a settlement": "DELETE FROM ledgers_settlement",
    "add decimals": "UPDATE organizations_currency SET minor_digits = 4",
    "make a table": "CREATE TABLE public.mine (id integer)",
    "become the owner": "ALTER TABLE ledgers_journalentry OWNER TO CURRENT_USER",
    "forget a migration": "DELETE FROM django_migrations",
}


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.usefixtures("as_application")
def test_the_application_role_is_refused_to(attack: str, approved: JournalEntry) -> None:
    sql = ATTACKS[attack]

    refuse(NOT_ALLOWED, sql, **({"entry": approved.pk} if "%(entry)s" in sql else {}))


@pytest.mark.usefixtures("as_application")
def test_the_application_role_posts_by_the_posting_path(approved: JournalEntry) -> None:
    poster = make_poster_id(approved)

    numbers = run(
        "SELECT entry_number FROM ledgers_post_approved("
        "ARRAY[%(entry)s]::bigint[], ARRAY[%(version)s]::int[], %(poster)s, '{}')",
        entry=approved.pk,
        version=approved.version,
        poster=poster,
    )

    assert numbers == [(2,)]


@pytest.mark.usefixtures("as_application")
def test_the_application_role_cannot_post_a_draft_by_the_posting_path(
    approved: JournalEntry,
) -> None:
    run("UPDATE ledgers_journalentry SET state = 'submitted', checker_id = NULL,"
        " approved_at = NULL WHERE id = %(entry)s", entry=approved.pk)  # fmt: skip

    refuse(
        "FM003",
        "SELECT * FROM ledgers_post_approved("
        "ARRAY[%(entry)s]::bigint[], ARRAY[%(version)s]::int[], 1, '{}')",
        entry=approved.pk,
        version=approved.version,
    )


def test_a_nested_savepoint_or_a_set_constraints_brings_nothing_past_the_guards(
    approved: JournalEntry,
) -> None:
    refuse(
        "FM002",
        "SAVEPOINT a; SET CONSTRAINTS ALL DEFERRED; SAVEPOINT b;"
        f" UPDATE ledgers_journalentry SET summary = 'other' WHERE id = {approved.pk}",
    )


def make_poster_id(entry: JournalEntry) -> int:
    """Return somebody who neither made nor checked the entry."""
    run("RESET ROLE")
    poster = make_approver(entry.ledger).pk
    run(f"SET ROLE {ROLE}")
    return int(poster)
