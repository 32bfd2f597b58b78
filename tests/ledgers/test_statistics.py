"""A table that was counted as empty and is then filled in one transaction.

Work is counted in rows that PostgreSQL reads, never in time. What the catalogue is told here
about tables ends with each test's transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from apps.ledgers.models import JournalEntry, Ledger
from apps.ledgers.services import import_writing
from apps.ledgers.services.posting import post_entries
from apps.ledgers.services.statistics import MANY, count_what_looks_empty
from tests.factories import (
    make_account,
    make_ledger,
    make_new_entry,
    make_senior,
)

pytestmark = pytest.mark.django_db

TABLES = ["ledgers_journalentry", "ledgers_journalline"]
# What each row may be read: by guards, balances, history and record, not by other rows.
READS_OF_A_ROW = 60


@pytest.fixture(autouse=True)
def _counted_as_empty() -> None:
    """Leave the tables as autovacuum does after all of their rows were rolled back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE pg_class SET reltuples = 0, relpages = 500 WHERE relname = ANY (%s)",
            [TABLES],
        )


def rows_read_by(work: Callable[[], object]) -> int:
    """Return how many rows of the journal the work read, by whatever way."""
    before = _rows_read()
    work()
    return _rows_read() - before


def _rows_read() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0))"
            " FROM pg_stat_xact_user_tables WHERE relname = ANY (%s)",
            [TABLES],
        )
        return int(cursor.fetchone()[0])


def post_some(ledger: Ledger) -> None:
    """Post enough for the look at the statistics, in one call."""
    bank, sales = make_account(ledger), make_account(ledger)
    entries = [make_new_entry(ledger, (bank, "1.00"), (sales, "-1.00")) for _ in range(MANY)]
    post_entries(entries, actor=make_senior(ledger), base_currency="CNY")


def test_a_batch_does_not_read_the_batches_before_it() -> None:
    ledger = make_ledger()
    post_some(ledger)

    read = rows_read_by(lambda: post_some(ledger))

    assert read < 3 * MANY * READS_OF_A_ROW


def test_an_import_in_one_transaction_reads_each_row_a_few_times(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(import_writing, "CHUNK", MANY)
    ledger, path, entries = make_ledger(), tmp_path / "entries.csv", 6 * MANY
    for code in ("1002", "6001"):
        make_account(ledger, code)
    path.write_text(
        "voucher,date,summary,account,debit,credit\n"
        + "".join(
            f"{number},2026-01-10,Sale,1002,5.00,\n{number},2026-01-10,Sale,6001,,5.00\n"
            for number in range(entries)
        )
    )

    read = rows_read_by(lambda: _import(ledger, path))

    assert JournalEntry.objects.posted().count() == entries
    assert read < 3 * entries * READS_OF_A_ROW


def _import(ledger: Ledger, path: Path) -> None:
    maker, checker = make_senior(ledger).username, make_senior(ledger).username
    call_command(
        "import_journal", str(path), "--ledger", ledger.code, "--maker", maker,
        "--checker", checker, "--poster", checker, stdout=StringIO(), stderr=StringIO(),
    )  # fmt: skip


def test_a_few_entries_count_nothing() -> None:
    count_what_looks_empty(MANY - 1)

    assert _tuples() == {"ledgers_journalentry": 0, "ledgers_journalline": 0}


def _tuples() -> dict[str, float]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, reltuples FROM pg_class WHERE relname = ANY (%s)", [TABLES]
        )
        return dict(cursor.fetchall())
