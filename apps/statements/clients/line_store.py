"""Lines of a file in DuckDB: each gets its fingerprint, and is written as PostgreSQL takes it.

    lines   place in the file (ord), part, then the columns of StatementLine, and the balance
            beside the line where a table tells one

Memory is bounded: what does not fit goes to a file in the same folder, which ends with it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.statements.domain.values import ReadLine

# Place in the file, part, line, and the balance beside it.
Placed = tuple[int, int, "ReadLine", Decimal | None]
MEMORY_MB = 192
THREADS = 2
# One file is copied into PostgreSQL while the next one is written; the first is soon there.
ROWS_IN_FIRST_FILE, ROWS_IN_FILE = 20_000, 100_000
_MONEY = "DECIMAL(20, 4)"
COLUMNS = {
    "ord": "BIGINT",
    "part": "INTEGER",
    "line_no": "BIGINT",
    "booked_on": "DATE",
    "value_on": "DATE",
    "amount": _MONEY,
    "reference": "VARCHAR",
    "partner_reference": "VARCHAR",
    "batch": "VARCHAR",
    "kind": "VARCHAR",
    "counterparty": "VARCHAR",
    "counter_account": "VARCHAR",
    "text": "VARCHAR",
    "fee": _MONEY,
    "gross_amount": _MONEY,
    "gross_currency": "VARCHAR",
    "balance": _MONEY,
}
# What PostgreSQL computes the same way; see statements_fingerprint in migrations/sql.
FINGERPRINT = (
    "left(sha256({account} || chr(0) || booked_on::VARCHAR || chr(0) || amount::VARCHAR"
    " || chr(0) || {currency} || chr(0) || reference || chr(0) || text), 32)"
)


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose lines they are: keys of statement and channel, account and currency."""

    statement: int
    channel: int
    account: str
    currency: str


@contextmanager
def line_store(folder: Path) -> Iterator[LineStore]:
    """Give an empty store whose files are in a folder; it ends with the block."""
    duck = duckdb.connect(
        ":memory:",
        config={
            "threads": THREADS,
            "memory_limit": f"{MEMORY_MB}MB",
            "temp_directory": str(folder / "spill"),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        },
    )
    try:
        duck.execute("SET allowed_directories = [?]", [str(folder)])
        duck.execute("SET enable_external_access = false")
        duck.execute("SET lock_configuration = true")
        yield LineStore(duck, folder)
    finally:
        duck.close()


class LineStore:
    """The lines of one file."""

    def __init__(self, duck: duckdb.DuckDBPyConnection, folder: Path) -> None:
        """Keep the database, and the folder that it may touch."""
        self.duck, self.folder = duck, folder
        self.begin()

    def begin(self, told: Collection[str] = tuple(COLUMNS)) -> None:
        """Hold no lines; take such as tell something in some columns alone.

        The others are there and empty, and take no memory.
        """
        self.told = [name for name in COLUMNS if name in _ALWAYS or name in told]
        columns = (
            f"{name} {kind}" if name in self.told else f"{name} {kind} AS ({_nothing(name)})"
            for name, kind in COLUMNS.items()
        )
        self.duck.execute(f"CREATE OR REPLACE TABLE lines ({', '.join(columns)})")

    def add(self, rows: Iterable[Placed]) -> None:
        """Add lines that Python read; JSON takes over every text and every digit."""
        path = self.folder / "read.json"
        with path.open("w", encoding="utf-8") as target:
            for row in rows:
                values = dict(zip(COLUMNS, _cells(row), strict=True))
                target.write(json.dumps(values, ensure_ascii=False) + "\n")
        kinds = ", ".join(f"'{name}': '{COLUMNS[name]}'" for name in self.told)
        self.duck.execute(
            f"INSERT INTO lines SELECT * FROM read_json({quoted(str(path))},"  # noqa: S608
            f" format = 'newline_delimited', columns = {{{kinds}}})"
        )
        path.unlink()

    def first(self, parts: Sequence[int], count: int) -> list[dict[str, Any]]:
        """Return the first lines of some parts, in the order of the file."""
        found = self.duck.execute(
            "SELECT booked_on, amount, reference, partner_reference, fee, counterparty, text"  # noqa: S608
            f" FROM lines WHERE {_of(parts)} ORDER BY ord LIMIT {count:d}"
        )
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def write(self, parts: Sequence[int], owner: Owner) -> Iterator[Path]:
        """Write the lines of some parts as CSV for COPY into StatementLine.

        A file has up to ROWS_IN_FILE lines, and is written when it is asked for. Its heading
        names the columns: those that no line says anything in are left out. Equal lines are
        counted in the order of the file that was read, from 1. Lines stay in this order where
        one file takes them all; of many, days go up or down as in the file that was read.
        """
        account, currency = quoted(owner.account), quoted(owner.currency)
        print_of = FINGERPRINT.format(account=account, currency=currency)
        occurrence, source = self._numbered(f"lines WHERE {_of(parts)}")
        taken = ", ".join(("line_no", "booked_on", "amount", *self._filled(parts)))
        first, last, days_go_down = self._ends()
        files = [*pairwise(_cuts(first, last))]
        order = "ord" if len(files) == 1 else _BY_KEY[days_go_down]
        for number, (begin, end) in enumerate(files):
            path = self.folder / f"lines-{number:04}.csv"
            self.duck.execute(
                f"COPY (SELECT {owner.statement:d} AS statement_id,"  # noqa: S608
                f" {owner.channel:d} AS channel_id, {currency} AS currency_id, {taken},"
                f" {print_of} AS fingerprint, {occurrence} AS occurrence FROM {source}"
                f" AND ord >= {begin:d} AND ord < {end:d} ORDER BY {order})"
                f" TO {quoted(str(path))}"
                " (FORMAT csv, HEADER true, DELIMITER ',', QUOTE '\"', NULLSTR '\\N')"
            )
            yield path

    def _ends(self) -> tuple[int | None, int | None, bool]:
        """Return the first and the last place, and whether the last day is before the first."""
        ends: Any = self.duck.execute(
            "SELECT min(ord), max(ord), arg_max(booked_on, ord) < arg_min(booked_on, ord)"
            " FROM lines"
        ).fetchone()
        return ends[0], ends[1], bool(ends[2])

    def _filled(self, parts: Sequence[int]) -> list[str]:
        """Return those columns, of which a line may say nothing, that one says something in."""
        says = ", ".join(
            f"bool_or({name} {'<> ' + quoted('') if kind == 'VARCHAR' else 'IS NOT NULL'})"
            for name, kind in _MAY_BE_EMPTY.items()
        )
        row: Any = self.duck.execute(f"SELECT {says} FROM lines WHERE {_of(parts)}").fetchone()  # noqa: S608
        return [
            _NAMES.get(name, name)
            for name, is_filled in zip(_MAY_BE_EMPTY, row, strict=True)
            if is_filled
        ]

    def _numbered(self, chosen: str) -> tuple[str, str]:
        """Return which of its equals each chosen line is, and where to take lines from.

        Nearly all lines are the only ones of their kind: only those that share a hash with
        another one are numbered.
        """
        hashed = f"hash({_KIND})"
        twins = (
            self.duck.execute(
                f"CREATE TEMP TABLE twins AS SELECT {hashed} AS h FROM {chosen}"  # noqa: S608
                " GROUP BY 1 HAVING count(*) > 1"
            )
            .execute("SELECT 1 FROM twins LIMIT 1")
            .fetchone()
        )
        if twins:
            self.duck.execute(
                "CREATE TEMP TABLE numbered AS SELECT ord, row_number() OVER"  # noqa: S608
                f" (PARTITION BY {_KIND} ORDER BY ord) AS n FROM {chosen}"
                f" AND {hashed} IN (SELECT h FROM twins)"
            )
            joined = chosen.replace("lines", "lines LEFT JOIN numbered USING (ord)", 1)
            return "coalesce(n, 1)", joined
        return "1", chosen


# The order of the index that knows each line: each goes where the one before it just went, and
# PostgreSQL takes a million in a sixth less time. By whether the days of the file go down.
_BY_KEY = {
    False: "booked_on, fingerprint, occurrence",
    True: "booked_on DESC, fingerprint, occurrence",
}
# What makes lines of one account and currency equal.
_KIND = "booked_on, amount, reference, text"
_ALWAYS = {"ord", "part", "line_no", "booked_on", "amount"}
_MAY_BE_EMPTY = {
    name: kind for name, kind in COLUMNS.items() if name not in {*_ALWAYS, "balance"}
}
# As the table calls them.
_NAMES = {"gross_currency": "gross_currency AS gross_currency_id"}


def quoted(text: str) -> str:
    """Return a text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def _nothing(name: str) -> str:
    """Return what a line says that says nothing in a column."""
    is_text = COLUMNS[name] == "VARCHAR" and name != "gross_currency"
    return quoted("") if is_text else "NULL"


def _cuts(first: int | None, last: int | None) -> list[int]:
    """Return where files begin, and where the last one ends."""
    if first is None or last is None:
        return []
    second = first + min(ROWS_IN_FIRST_FILE, ROWS_IN_FILE)
    return [first, *range(second, last + 1, ROWS_IN_FILE), last + 1]


def _of(parts: Sequence[int]) -> str:
    return f"part IN ({', '.join(str(int(part)) for part in parts)})"


def _cells(placed: Placed) -> tuple[Any, ...]:
    place, part, line, balance = placed
    return (
        place,
        part,
        line.number,
        line.booked_on.isoformat(),
        line.value_on.isoformat() if line.value_on else None,
        _money(line.amount),
        line.reference,
        line.partner_reference,
        line.batch,
        line.kind,
        line.counterparty,
        line.counter_account,
        line.text,
        _money(line.fee),
        _money(line.gross_amount),
        line.gross_currency,
        _money(balance),
    )


def _money(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:f}"
