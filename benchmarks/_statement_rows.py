"""Journal lines and statement lines of generated events in PostgreSQL, and other engines."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import date, timedelta
from itertools import chain
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from apps.ledgers.models import Period
from apps.organizations.models import User
from apps.reconciliation.models import ReconciliationRun
from apps.reconciliation.services.rules import active_rules
from apps.statements.domain.mapping import TableMapping
from apps.statements.models import Channel, StatementFormat
from apps.statements.services.channels import create_channel, save_mapping
from apps.statements.services.statement_jobs import import_at_once
from benchmarks._books import make_books
from benchmarks._rows import HEADER
from benchmarks._statements import DAYS, FIRST_DAY, Generated

_CHUNK = 20_000
_LINES = (
    "id, ledger_id, entry_id, position, entry_date, account_id, side, currency_id, amount,"
    " rate, base_amount, summary"
)


def fill_books(made: Generated) -> tuple[Channel, User]:
    """Post an entry of two lines for each row of the books, by COPY without guards."""
    books = make_books(accounts=2)
    bank, sales = books.account_ids
    columns = {"date": "Date", "amount": "Amount", "reference": "Reference"}
    mapping = save_mapping(
        None, name="bank", rules=TableMapping(columns=columns), actor=books.poster
    )
    channel = create_channel(
        actor=books.poster, ledger=books.ledger, account_id=bank, code="bank", name="Bank",
        source_kind="bank", format=StatementFormat.TABLE, mapping=mapping, currency_id="CNY",
    )  # fmt: skip
    periods = _periods(books.ledger.pk)
    people = f"{books.maker.pk}\t{books.checker.pk}\t{books.poster.pk}"
    head = f"{books.ledger.pk}"
    rest = len(made.book)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for first in range(0, rest, _CHUNK):
            headers, lines = [], []
            for key, row in enumerate(made.book[first : first + _CHUNK], first + 1):
                day = FIRST_DAY + timedelta(row.day)
                at = f"{day} 09:00+08"
                headers.append(
                    f"{key}\t{head}\t{periods[day.month]}\tgeneral\t{key}\t{day}\tordinary"
                    f"\tposted\timport\t{row.reference}\t{row.amount}e-2\t{people}\t{at}\t{at}"
                    f"\t{at}\t\tkey-{key}\t\t\t2\t{at}\t{at}\t{books.maker.pk}\n"
                )
                for line, account, side in ((key, bank, 1), (rest + key, sales, -1)):
                    lines.append(
                        f"{line}\t{head}\t{key}\t{2 - side}\t{day}\t{account}\t{side}\tCNY"
                        f"\t{side * row.amount}e-2\t1\t{side * row.amount}e-2"
                        f"\t{row.reference}\n"
                    )
            _copy(cursor, f"ledgers_journalentry ({HEADER})", headers)
            _copy(cursor, f"ledgers_journalline ({_LINES})", lines)
    _settle()
    return channel, books.poster


def _settle() -> None:
    """Make the server one that has run for a while: it knows its tables, and has log files."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE ledgers_journalentry, ledgers_journalline")
        cursor.execute("CHECKPOINT")


def statement_csv(made: Generated) -> bytes:
    """Return the statement as the file that a bank would send."""
    days = [(FIRST_DAY + timedelta(day)).isoformat() for day in range(DAYS + 4)]
    rows = (
        f"{days[row.day]},{row.amount // 100}.{row.amount % 100:02},{row.reference}\n"
        for row in made.statement
    )
    return "".join(chain(["Date,Amount,Reference\n"], rows)).encode()


def import_lines(content: bytes, channel: Channel, actor: User) -> None:
    """Read, prove and persist a statement, as the product does for other programs."""
    import_at_once(channel, content, "year.csv", actor=actor)


def make_run(channel: Channel, actor: User, first: date, last: date) -> ReconciliationRun:
    """Return a run that waits for its worker."""
    version = active_rules(channel, actor=actor)
    return ReconciliationRun.objects.create(
        channel=channel, rule_version=version, number=1, from_on=first, to_on=last,
        created_by=actor,
    )  # fmt: skip


def wrong_rows(made: Generated, files: list[list[Path]]) -> int:
    """Return how many rows are not in their true bucket."""
    wrong = 0
    for paths, rows in zip(files, (made.book, made.statement), strict=True):
        lines = chain.from_iterable(path.open() for path in paths)
        found = [line.split("\t", 5)[4] for line in lines]
        wrong += sum(a != row.bucket for a, row in zip(found, rows, strict=True))
    return wrong


_DROP = re.compile("[^0-9A-Z]+")
_BOOK = """
SELECT l.id, summary, amount, entry_date FROM ledgers_journalline l
JOIN statements_channel c ON c.account_id = l.account_id WHERE c.id = %s
"""
_LINES_OF_IT = """
SELECT id, reference, amount, booked_on FROM statements_statementline WHERE channel_id = %s
"""


def dictionary_pairs(cursor: Any, channel_id: int) -> int:
    """Pair equal rows by a dictionary, and write the pairs by COPY."""
    waiting = defaultdict(list)
    pairs = []
    cursor.execute(_BOOK, [channel_id])
    for key, reference, amount, day in cursor:
        waiting[_DROP.sub("", reference.upper()), amount, day].append(key)
    cursor.execute(_LINES_OF_IT, [channel_id])
    for key, reference, amount, day in cursor:
        found = waiting.get((_DROP.sub("", reference.upper()), amount, day))
        if found:
            pairs.append((found.pop(0), key))
    cursor.execute("CREATE TABLE bench_pairs (b bigint PRIMARY KEY, r bigint)")
    _copy(cursor, "bench_pairs", [f"{b}\t{r}\n" for b, r in sorted(pairs)])
    return len(pairs)


def set_sql_pairs(cursor: Any, channel_id: int) -> None:
    """Pair equal rows by one join, and write the pairs."""
    numbered = (
        "SELECT id, k, amount, day, row_number() OVER (PARTITION BY k, amount, day ORDER BY id)"
        " AS n FROM (SELECT id, regexp_replace(upper({1}), '[^0-9A-Z]+', '', 'g') AS k, amount,"
        " {2} AS day FROM ({0}) x) y"
    )
    book = numbered.format(_BOOK, "summary", "entry_date")
    statement = numbered.format(_LINES_OF_IT, "reference", "booked_on")
    cursor.execute("CREATE TABLE bench_set (b bigint PRIMARY KEY, r bigint)")
    cursor.execute(
        f"INSERT INTO bench_set SELECT b.id, s.id FROM ({book}) b JOIN ({statement}) s"
        " USING (k, amount, day, n)",
        [channel_id, channel_id],
    )


def _periods(ledger_id: int) -> dict[int, int]:
    periods = Period.objects.filter(ledger=ledger_id, is_adjustment=False)
    return dict(periods.values_list("number", "pk"))


def _copy(cursor: Any, target: str, rows: list[str]) -> None:
    with cursor.copy(f"COPY {target} FROM STDIN") as copy:
        copy.write("".join(rows))
