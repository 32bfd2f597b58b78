"""Import of a bank's file: checked, written, approved and posted, against a bare COPY.

    ./run bench import_journal [-- ROWS]

The file is made here: one row for each transaction, on accounts that are missing yet. The
limit is a COPY of the very rows that the import left (entries, lines, history, operation
log) into bare tables with the same indexes, and one statement for the balances.
"""

from __future__ import annotations

import csv
import io
import os
import random
import resource
import sys
import time
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "finance_mis.settings")
    django.setup()

from django.core.management import call_command
from django.db import connection, transaction

from apps.ledgers.services.accounts import create_account
from benchmarks._books import Books, make_books
from benchmarks._report import Report, at_least, below

ROWS = 20_000
ROWS_OF_AN_ACCOUNT = 40
FIRST_DAY, DAYS = date(1993, 1, 1), 600
# An import writes each entry four times, with its guards and its trail; a COPY once.
SHARE_OF_LIMIT = 0.1
MEMORY_MB = 60
COPIED = (
    "ledgers_journalentry",
    "ledgers_journalline",
    "ledgers_historicaljournalentry",
    "audit_operationlog",
)
_BALANCES = """
INSERT INTO bench_import.ledgers_accounttotal (ledger_id, period_id, account_id, bucket, debit,
    credit, line_count, version)
  SELECT e.ledger_id, e.period_id, l.account_id, 0, sum(l.debit), sum(l.credit), count(*), 1
  FROM bench_import.ledgers_journalentry e
  JOIN bench_import.ledgers_journalline l ON l.entry_id = e.id GROUP BY 1, 2, 3
"""


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds of an import, and by how many MB the process grew."""

    seconds: float
    grown_mb: int


def make_file(path: Path, rows: int) -> None:
    """Write a file in the order of the days, as banks do."""
    rng = random.Random("bank")
    days = sorted(rng.randrange(DAYS) for _ in range(rows))
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["transaction_id", "account_id", "date", "direction", "amount"])
        for number, day in enumerate(days, start=1):
            minor = rng.randint(100, 5_000_000)
            writer.writerow([
                number,
                rng.randrange(max(rows // ROWS_OF_AN_ACCOUNT, 1)) + 1,
                FIRST_DAY + timedelta(days=day),
                rng.choice(("in", "out")),
                f"{minor // 100}.{minor % 100:02}",
            ])  # fmt: skip


def import_file(path: Path, code: str, *more: str) -> Measured:
    """Import the file into the ledger by the command that people use, with more options."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.monotonic()
    call_command(
        "import_journal", str(path), "--ledger", code, "--maker", f"{code}-senior_accountant",
        "--checker", f"{code}-approver", "--poster", f"{code}-senior_accountant",
        "--map", "entry=transaction_id", "--map", "account=2011.{account_id}",
        "--counter-account", "1002", "--credit-words", "in", "--debit-words", "out",
        "--create-accounts-under", "2011", "--create-periods", *more,
        stdout=io.StringIO(), stderr=io.StringIO(),
    )  # fmt: skip
    seconds = time.monotonic() - started
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return Measured(seconds, grown // 1024)


def seconds_of_the_limit() -> float:
    """Return how long it takes to COPY what the import left into bare tables."""
    bodies = []
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS bench_import CASCADE")
        cursor.execute("CREATE SCHEMA bench_import")
        for table in (*COPIED, "ledgers_accounttotal"):
            cursor.execute(
                f"CREATE TABLE bench_import.{table} (LIKE public.{table} INCLUDING ALL)"
            )
        for table in COPIED:
            columns = _columns(cursor, table)
            with cursor.copy(f"COPY {table} ({columns}) TO STDOUT (FORMAT binary)") as out:
                bodies.append((table, columns, [bytes(block) for block in out]))
        started = time.monotonic()
        with transaction.atomic():
            for table, columns, blocks in bodies:
                sql = f"COPY bench_import.{table} ({columns}) FROM STDIN (FORMAT binary)"
                with cursor.copy(sql) as copy:
                    for block in blocks:
                        copy.write(block)
            cursor.execute(_BALANCES)
        return time.monotonic() - started


def _columns(cursor: Any, table: str) -> str:
    """Return the columns that may be written."""
    cursor.execute(
        "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
        " AND attgenerated = ''",
        [table],
    )
    (columns,) = cursor.fetchone()
    return str(columns)


def make_accounts(books: Books) -> None:
    """Make the clearing account and the group that the customers' accounts come under."""
    for code, account_class, side in (("1002", "asset", 1), ("2011", "liability", -1)):
        create_account(
            books.ledger.chart,
            actor=books.poster,
            code=code,
            name=code,
            account_class=account_class,
            normal_side=side,
            is_leaf=code == "1002",
        )


def main() -> None:
    """Measure and print."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    make_accounts(make_books("import", accounts=0))
    report = Report()
    with TemporaryDirectory() as folder:
        path = Path(folder) / "bank.csv"
        make_file(path, rows)
        measured = import_file(path, "import")
    limit, rate = rows / seconds_of_the_limit(), rows / measured.seconds
    name = f"import of {rows} rows, checked and posted"
    report.add(at_least(name, rate, "rows/s", of=limit, share=SHARE_OF_LIMIT, limit=limit))
    report.add(below("memory an import takes more", measured.grown_mb, "MB", MEMORY_MB))
    report.end()


if __name__ == "__main__":
    main()
