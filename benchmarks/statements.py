"""Statement files of a million lines: read, proved, compared and kept, against a bare COPY.

    ./run bench statements [-- LINES]

A CSV of that many lines (1,000,000) and of a tenth, the tenth as camt.053 and as XLSX, and the
CSV with one bad amount near its end. Each is imported at once. The limit is a COPY of the very
rows that were left into a bare table with the same key.
"""

from __future__ import annotations

import os
import random
import resource
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "finance_mis.settings")
    django.setup()

import xlsxwriter
from django.db import connection

from apps.ledgers.models import Account
from apps.statements.domain.mapping import TableMapping
from apps.statements.errors import BadAmount
from apps.statements.models import Channel, StatementLine
from apps.statements.services.channels import create_channel, save_mapping
from apps.statements.services.line_writing import COLUMNS
from apps.statements.services.statement_jobs import import_at_once
from benchmarks._books import Books, make_books
from benchmarks._report import Figure, Report, below

LINES = 1_000_000
# Parsing, proofs and COPY of a million lines on two quiet cores, and all memory of the worker.
GOAL_SECONDS, GOAL_MB = 8.0, 512
HEADINGS = ("Date", "Amount", "Reference", "Counterparty", "Text")
FIRST_DAY = date(2026, 1, 1)
_ENTRY = (
    '<Ntry><Amt Ccy="CNY">{0}</Amt><CdtDbtInd>{1}</CdtDbtInd><Sts>BOOK</Sts>'
    "<BookgDt><Dt>{2}</Dt></BookgDt><NtryDtls><TxDtls><Refs><EndToEndId>{3}</EndToEndId></Refs>"
    "<RmtInf><Ustrd>{4}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>\n"
)


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds by the wall and of processors (this process and its children), MB of each."""

    wall: float
    own: float
    child: float
    own_mb: int
    child_mb: int


def rows(count: int, seed: int) -> Iterator[tuple[str, ...]]:
    """Yield lines in the order of the days, as banks write them."""
    rng = random.Random(seed)
    for number in range(count):
        cents = rng.randint(-5_000_000, 5_000_000)
        day = FIRST_DAY + timedelta(number * 360 // count)
        yield (
            day.isoformat(),
            f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02}",
            f"TXN{seed}{number:08}",
            f"Customer {number % 1000}",
            f"Payment of invoice {number}",
        )


def write_csv(path: Path, count: int, seed: int, bad: int = -1) -> None:
    """Write a CSV; the amount of one line may be none."""
    with path.open("w") as file:
        file.write(",".join(HEADINGS) + "\n")
        for number, row in enumerate(rows(count, seed)):
            cells = (row[0], "12.O0", *row[2:]) if number == bad else row
            file.write(",".join(cells) + "\n")


def write_camt(path: Path, count: int, seed: int) -> None:
    """Write a camt.053 without balances."""
    with path.open("w") as file:
        file.write("<Document><BkToCstmrStmt><Stmt><Id>1</Id><Acct><Ccy>CNY</Ccy></Acct>\n")
        for day, amount, reference, _name, text in rows(count, seed):
            side = "DBIT" if amount.startswith("-") else "CRDT"
            file.write(_ENTRY.format(amount.removeprefix("-"), side, day, reference, text))
        file.write("</Stmt></BkToCstmrStmt></Document>\n")


def write_xlsx(path: Path, count: int, seed: int) -> None:
    """Write a workbook whose amounts are numbers."""
    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, HEADINGS)
    for number, row in enumerate(rows(count, seed), start=1):
        sheet.write_row(
            number, 0, (row[0], round(int(row[1].replace(".", "")) / 100, 2), *row[2:])
        )
    book.close()


def make_channel(books: Books, name: str, kind: str) -> Channel:
    """Return a channel that takes one kind of file."""
    columns = dict(
        zip(("date", "amount", "reference", "counterparty", "text"), HEADINGS, strict=True)
    )
    mapping = None
    if kind == "table":
        rules = TableMapping(columns=columns)
        mapping = save_mapping(None, name=name, rules=rules, actor=books.poster)
    return create_channel(
        actor=books.poster, ledger=books.ledger, code=name, name=name, source_kind="bank",
        account=Account.objects.get(pk=books.account_ids[0]), format=kind, mapping=mapping,
        currency_id="CNY",
    )  # fmt: skip


def cost_of(work: Callable[[], Any]) -> Cost:
    """Return what a call costs."""
    before = [
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    ]
    started = time.monotonic()
    work()
    wall = time.monotonic() - started
    after = [
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    ]
    own, child = (
        b.ru_utime + b.ru_stime - a.ru_utime - a.ru_stime
        for a, b in zip(before, after, strict=True)
    )
    return Cost(wall, own, child, after[0].ru_maxrss // 1024, after[1].ru_maxrss // 1024)


def bare_copy(folder: Path, channel: Channel) -> float:
    """Return the seconds of a COPY of a channel's lines into a table with a key alone."""
    path = folder / "bare"
    with connection.cursor() as cursor:
        lines = f"SELECT id, {COLUMNS} FROM statements_statementline"
        query = f"{lines} WHERE channel_id = %s ORDER BY id"
        with (
            path.open("wb") as file,
            cursor.copy(f"COPY ({query}) TO STDOUT", [channel.pk]) as out,
        ):
            for piece in out:
                file.write(piece)
        cursor.execute("DROP TABLE IF EXISTS bench_bare")
        cursor.execute(
            f"CREATE TABLE bench_bare AS SELECT id, {COLUMNS} FROM statements_statementline"
            " WITH NO DATA"
        )
        cursor.execute("ALTER TABLE bench_bare ADD PRIMARY KEY (id)")
        started = time.monotonic()
        with path.open("rb") as file, cursor.copy("COPY bench_bare FROM STDIN") as copy:
            while piece := file.read(1 << 20):
                copy.write(piece)
        return time.monotonic() - started


def tell(report: Report, name: str, cost: Cost, limit: float | None = None) -> None:
    """Add the figures of one file."""
    report.add(Figure(f"{name} wall", cost.wall, "s", limit=limit))
    report.add(Figure(f"{name} processor of worker", cost.own, "s"))
    report.add(Figure(f"{name} processor of reader", cost.child, "s"))


def main() -> None:
    """Import all files, and print figures."""
    lines = int(sys.argv[1]) if len(sys.argv) > 1 else LINES
    report, books = Report(), make_books(accounts=2)
    with TemporaryDirectory() as name:
        folder = Path(name)
        few = lines // 10
        write_csv(folder / "csv", lines, 1)
        write_csv(folder / "few", few, 2)
        write_csv(folder / "bad", lines, 3, bad=lines - 10)
        write_camt(folder / "camt", few, 4)
        write_xlsx(folder / "xlsx", few, 5)

        def bring(file: str, kind: str = "table") -> tuple[Channel, Cost]:
            channel = make_channel(books, file, kind)
            content = (folder / file).read_bytes()
            return channel, cost_of(
                lambda: import_at_once(channel, content, file, actor=books.poster)
            )

        for file, kind in (("few", "table"), ("camt", "camt053"), ("xlsx", "table")):
            tell(report, f"{file} {few}", bring(file, kind)[1])
        channel, cost = bring("csv")
        tell(report, f"csv {lines}", cost, bare_copy(folder, channel))
        report.add(below(f"csv {lines} as a whole", cost.wall, "s", GOAL_SECONDS))
        report.add(
            below("memory of worker and reader", cost.own_mb + cost.child_mb, "MB", GOAL_MB)
        )
        report.add(Figure("memory of worker (holds the upload)", cost.own_mb, "MB"))
        tell_bad(report, lambda: bring("bad"))
    report.end()


def tell_bad(report: Report, bring: Callable[[], Any]) -> None:
    """Add what it costs to refuse a file with one bad amount."""
    before = StatementLine.objects.count()

    def refuse() -> None:
        try:
            bring()
        except BadAmount as error:
            print(f"# {error}", file=sys.stderr)

    tell(report, "csv with one bad amount", cost_of(refuse))
    kept = StatementLine.objects.count() - before
    report.add(Figure("lines kept of a bad file", kept, "lines", goal="0", holds=not kept))


if __name__ == "__main__":
    main()
