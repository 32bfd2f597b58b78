"""A bank's real transactions against a damaged copy of themselves: where does damage land?

    ./run bench damage -- FILE [EACH]

FILE has the columns transaction_id, account_id, date, direction (in, out), amount; without one
a smaller file is made. The product does all of it: `import_journal` posts the transactions, the
copy is uploaded as a statement with balances, a run matches them, two people sign it off, and
`verify_books` proves the whole. Printed is how much of each kind landed where it must.
"""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "finance_mis.settings")
    django.setup()

from django.db import connection
from django.db.models import F

from apps.jobs.services.running import run_job
from apps.ledgers.models import Account
from apps.ledgers.services.verification import verify_inside_a_transaction
from apps.reconciliation.models import Break, ReconciliationRun, SignOff
from apps.reconciliation.services.running import run_reconciliation
from apps.reconciliation.services.sign_off_proof import sheet_again
from apps.reconciliation.services.sign_offs import prepare_sign_off, sign_off
from apps.reconciliation.services.starting import start_run
from apps.statements.domain.mapping import TableMapping
from apps.statements.models import Channel, StatementFile
from apps.statements.services.channels import create_channel, save_mapping
from apps.statements.services.statement_files import (
    import_statement,
    job_of,
    upload_statement,
)
from benchmarks._books import Books, make_books
from benchmarks._damage import EXPECTED, damaged, read_transactions, statement_lines
from benchmarks._report import Figure, Report, at_least, below
from benchmarks.import_journal import import_file, make_accounts, make_file

ROWS, EACH = 5_000, 50
COLUMNS = ("date", "reference", "amount", "fee", "balance")
_LANDED = """
SELECT 'book', l.summary, m.bucket FROM reconciliation_matcheditem m
JOIN ledgers_journalline l ON l.id = m.item_id WHERE m.channel_id = %s AND m.side = 'book'
UNION ALL
SELECT 'statement', l.reference, m.bucket FROM reconciliation_matcheditem m
JOIN statements_statementline l ON l.id = m.item_id
WHERE m.channel_id = %s AND m.side = 'statement'
"""


@dataclass(frozen=True, slots=True)
class Landed:
    """How many of each kind got damage, how many of them landed right, and what else."""

    run: ReconciliationRun
    kinds: Counter[str]
    right: Counter[str]
    others: Counter[str]
    signed: SignOff


def reconcile(path: Path, code: str, *, each: int, currency: str = "CZK") -> Landed:
    """Post a file, reconcile it with a damaged copy, and sign the result off."""
    books = make_books(code, accounts=0, currency=currency)
    make_accounts(books)
    import_file(path, code, "--map", "summary=transaction_id")
    rows = read_transactions(path)
    copy, kinds = damaged(rows, each)
    channel = make_channel(books, currency)
    bring(channel, "".join(statement_lines(copy)).encode(), books)
    run = start_run(
        channel,
        from_on=min(row.day for row in rows),
        to_on=max(row.day for row in rows),
        actor=books.poster,
    )
    run_reconciliation(run.pk)
    run.refresh_from_db()
    right, others = count_landed(channel, kinds)
    Break.objects.filter(channel=channel).update(
        state="waiting", waits_until=date(2099, 12, 31), version=F("version") + 1
    )
    prepared = prepare_sign_off(run, actor=books.poster)
    return Landed(
        run, Counter(kinds.values()), right, others, sign_off(prepared, actor=books.checker)
    )


def make_channel(books: Books, currency: str) -> Channel:
    """Return the channel of the clearing account, which takes tables."""
    rules = TableMapping(columns={name: name for name in COLUMNS})
    mapping = save_mapping(None, name="Copy", rules=rules, actor=books.poster)
    return create_channel(
        actor=books.poster,
        ledger=books.ledger,
        account=Account.objects.get(chart=books.ledger.chart, code="1002"),
        code=f"{books.ledger.code}-bank",
        name="Bank",
        source_kind="bank",
        format="table",
        mapping=mapping,
        currency_id=currency,
    )


def bring(channel: Channel, content: bytes, books: Books) -> StatementFile:
    """Upload and import a statement, doing its jobs here."""
    statement = upload_statement(channel, content, "copy.csv", actor=books.poster)
    _do_job(statement)
    import_statement(statement, version=statement.version, actor=books.poster)
    _do_job(statement)
    return statement


def _do_job(statement: StatementFile) -> None:
    """Do the job of a statement, which a worker may have done already."""
    job = job_of(statement)
    if job:
        run_job(job.pk)
    statement.refresh_from_db()


def count_landed(channel: Channel, kinds: dict[str, str]) -> tuple[Counter[str], Counter[str]]:
    """Return how many of each kind landed right, and in which buckets whole rows landed."""
    found: dict[str, tuple[list[str], list[str]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_LANDED, [channel.pk, channel.pk])
        for side, reference, bucket in cursor:
            sides = found.setdefault(reference, ([], []))
            sides[side == "statement"].append(bucket)
    right: Counter[str] = Counter()
    others: Counter[str] = Counter()
    for reference, (ours, theirs) in found.items():
        kind = kinds.get(reference)
        if kind is None:
            others.update({f"{a} {b}" for a in ours for b in theirs} or {"alone"})
        else:
            book, statement = EXPECTED[kind]
            is_right = ours == [book] and sorted(set(theirs)) == sorted(statement)
            right[kind] += is_right
    return right, others


def main() -> None:
    """Measure and print."""
    report = Report()
    with TemporaryDirectory() as folder:
        path = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(folder) / "bank.csv"
        if len(sys.argv) == 1:
            make_file(path, ROWS)
        each = int(sys.argv[2]) if len(sys.argv) > 2 else EACH
        started = time.monotonic()
        landed = reconcile(path, "damage", each=each)
    tell(landed, report)
    report.add(Figure("all of it", time.monotonic() - started, "s"))
    started = time.monotonic()
    sheet_again(landed.signed)
    report.add(Figure("proof found again from lines", time.monotonic() - started, "s"))
    outcomes = verify_inside_a_transaction()
    broken = sum(outcome.count for outcome in outcomes)
    report.add(below("findings of verify_books", broken, "", 0.5))
    report.end()


def tell(landed: Landed, report: Report) -> None:
    """Print where everything landed."""
    for kind, count in landed.kinds.items():
        book, statement = EXPECTED[kind]
        name = f"{kind}, expected {book} | {' + '.join(statement) or '-'}"
        report.add(at_least(name, landed.right[kind], f"of {count}", of=count, share=1))
    for buckets, count in landed.others.most_common():
        report.add(Figure(f"undamaged, {buckets}", count, "rows"))
    wrong = sum(count for buckets, count in landed.others.items() if buckets != "exact exact")
    report.add(below("undamaged rows that are not exact", wrong, "rows", 0.5))
    facts = landed.run.progress
    report.add(Figure("rows in the run", facts["rows"], "rows"))
    report.add(Figure("run", facts["milliseconds"] / 1000, "s"))


if __name__ == "__main__":
    main()
