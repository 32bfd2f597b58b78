"""Rows of both sides from files into DuckDB, in one spelling and in minor units.

A file is CSV without a heading, as PostgreSQL's COPY writes it:

    book       key, reference, text, currency, amount, day
    statement  key, reference, text, currency, amount, day, party, batch, fee, gross amount,
               gross currency

What only the few rows that stay open need (texts, fees) is not kept: it is read again for them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from apps.reconciliation.domain.buckets import Side
from apps.reconciliation.domain.calendars import Calendar
from apps.reconciliation.domain.references import DROPPED, FROM, TO, prefix_pattern
from apps.reconciliation.domain.rules import Rules

Connection = duckdb.DuckDBPyConnection
THREADS = 2
# A thread reads a piece of two such lines at a time.
_LONGEST_LINE = 4 * 1024 * 1024
_MONEY = "DECIMAL(20, 4)"
# Below it an amount and its minor units, of up to four decimals, fit DECIMAL(18, 4): 64 bits.
_SMALL = 10**10
BOOK_COLUMNS = {
    "pk": "BIGINT",
    "reference": "VARCHAR",
    "text": "VARCHAR",
    "cur": "currency",
    "amount": _MONEY,
    "on": "DATE",
}
MORE_COLUMNS = {
    "party": "VARCHAR",
    "batch": "VARCHAR",
    "fee": _MONEY,
    "gross": _MONEY,
    "gross_cur": "VARCHAR",
}
# Read as texts where only few rows are kept: what is dropped need not be understood.
_LATE = dict.fromkeys(MORE_COLUMNS, "VARCHAR")


def connect(folder: Path, *, memory_mb: int) -> Connection:
    """Return a database in memory that may touch the files of one folder and nothing else."""
    duck = duckdb.connect(
        config={
            "threads": THREADS,
            "memory_limit": f"{memory_mb}MB",
            "temp_directory": str(folder / "spill"),
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )
    duck.execute("SET allowed_directories = [?]", [str(folder)])
    duck.execute("SET enable_external_access = false")
    duck.execute("SET lock_configuration = true")
    _define_spelling(duck)
    return duck


def _define_spelling(duck: Connection) -> None:
    """Define what domain/references.py does; nearly all texts take the short ways."""
    wide = f"translate(x, '{_quoted(FROM)}', '{_quoted(TO)}')"
    duck.execute(
        "CREATE MACRO capitals(x) AS CASE WHEN regexp_full_match(x, '[\\x00-\\x7F]*')"
        f" THEN upper(x) ELSE {wide} END"
    )
    duck.execute(
        "CREATE MACRO spelled(x) AS CASE WHEN regexp_full_match(x, '[0-9A-Z]*') THEN x"
        " WHEN regexp_full_match(x, '[\\x00-\\x7F]*')"
        " THEN regexp_replace(upper(x), '[^0-9A-Z]+', '', 'g')"
        f" ELSE regexp_replace({wide}, '{DROPPED}', '', 'g') END"
    )


def _define_currencies(duck: Connection, digits: Mapping[str, int]) -> None:
    """Define the codes as a type, of a byte for each row, and what their decimals mean.

    `factor_of` is how many minor units a unit has, `exponent_of` ends a number of minor units
    so that PostgreSQL reads units, and `minor_of` is an amount in minor units, NULL where it
    has more decimals. A join with a table of them would take twice as long, and an amount that
    fits 64 bits, as nearly all do, is counted in a tenth of the time.
    """
    duck.execute(f"CREATE TYPE currency AS ENUM ({_listed(digits)})")
    _define_by_currency(duck, "factor_of(c)", digits, lambda count: f"{10**count}::BIGINT")
    _define_by_currency(duck, "exponent_of(c)", digits, lambda count: f"'e-{count}'")
    _define_by_currency(duck, "minor_of_any(a, c)", digits, _minor)
    duck.execute(
        f"CREATE MACRO minor_of(a, c) AS CASE WHEN abs(a) < {_SMALL}"
        " THEN minor_of_any(a::DECIMAL(18, 4), c) ELSE minor_of_any(a, c) END"
    )


def _define_by_currency(
    duck: Connection, macro: str, digits: Mapping[str, int], meaning: Callable[[int], str]
) -> None:
    """Define a macro that means something else for each number of decimals of `c`."""
    codes_by_count: dict[int, list[str]] = defaultdict(list)
    for code, count in digits.items():
        codes_by_count[count].append(code)
    *others, usual = sorted(codes_by_count, key=lambda count: len(codes_by_count[count]))
    ways = "".join(
        f" WHEN c IN ({_listed(codes_by_count[count])}) THEN {meaning(count)}"
        for count in others
    )
    body = f"CASE{ways} ELSE {meaning(usual)} END" if ways else meaning(usual)
    duck.execute(f"CREATE MACRO {macro} AS {body}")


def _minor(count: int) -> str:
    unit = Decimal(1).scaleb(-count)
    return f"CASE WHEN a % {unit:f} = 0 THEN CAST(a * {10**count} AS BIGINT) END"


def _listed(codes: Iterable[str]) -> str:
    return ", ".join(f"'{_quoted(code)}'" for code in sorted(codes))


def _quoted(text: str) -> str:
    return text.replace("'", "''")


class Loader:
    """Reads the files of one run; `digits` are the decimals of each currency in them."""

    def __init__(
        self, duck: Connection, folder: Path, rules: Rules, digits: Mapping[str, int]
    ) -> None:
        """Keep where the files are and how they are read."""
        self._duck, self._folder, self._rules = duck, folder, rules
        _define_currencies(duck, digits)

    def load(self, side: Side) -> int:
        """Fill the table of one side and return how many rows it has.

        `book` and `statement` hold (pk, ref, cur, amount, on, h), where `h` is a hash of the
        full key. The amount is NULL where it has more decimals than its currency.
        """
        self._duck.execute(
            f'CREATE TABLE {side} AS SELECT pk, ref, cur, minor AS amount, "on",'  # noqa: S608
            ' hash(ref, cur, minor, "on") AS h FROM ('
            f" SELECT pk, {self._reference(side)} AS ref, cur, minor_of(amount, cur) AS minor,"
            f' "on" FROM {self._rows(side)})'
        )
        return self._count(side)

    def load_settled(self, side: Side) -> None:
        """Add to `settled` what a file has of it: the columns of a book, and the group."""
        if (self._folder / f"settled_{side}.csv").exists():
            file = self._file(f"settled_{side}", BOOK_COLUMNS | {"grp": "BIGINT"})
            self._duck.execute(
                f"INSERT INTO settled SELECT '{side}', pk, {self._reference(side)}, cur,"  # noqa: S608
                f' minor_of(amount, cur), "on", grp FROM {file}'
            )

    def extras(self, side: Side) -> None:
        """Fill `more_book` or `more_statement` for the rows that are open."""
        more = (
            "spelled(coalesce(party, '')) AS party, spelled(coalesce(batch, '')) AS batch,"
            f" CAST(coalesce(fee::{_MONEY}, 0) * factor_of(cur) AS BIGINT) AS fee,"
            f" CAST(gross::{_MONEY} * factor_of(gross_cur) AS BIGINT) AS gross,"
            " coalesce(gross_cur, '') AS gross_cur"
            if side == Side.STATEMENT
            else "'' AS party, '' AS batch, 0::BIGINT AS fee, NULL::BIGINT AS gross,"
            " '' AS gross_cur"
        )
        self._duck.execute(
            f"CREATE OR REPLACE TABLE more_{side} AS SELECT pk,"  # noqa: S608
            f" spelled(concat_ws(' ', reference, text)) AS text, {more}"
            # A join would hold the whole file in memory: DuckDB expects few rows of one.
            f" FROM {self._rows(side, _LATE)}"
            f" WHERE (pk IN (SELECT pk FROM open_{side})) IS TRUE"
        )

    def calendar(self, calendar: Calendar) -> None:
        """Fill `days` with the number of each day that a row has."""
        rows = self._duck.execute(
            'SELECT "on" FROM book UNION SELECT "on" FROM statement'
            ' UNION SELECT "on" FROM settled'
        ).fetchall()
        self._duck.execute('CREATE TABLE days ("on" DATE, day INTEGER)')
        if rows:
            numbered = ", ".join(f"(DATE '{on}', {calendar.ordinal(on)})" for (on,) in rows)
            self._duck.execute(f"INSERT INTO days VALUES {numbered}")  # noqa: S608

    def _reference(self, side: Side) -> str:
        if not self._rules.prefixes:
            return "spelled(coalesce(reference, ''))"
        # Made of checked capitals and digits alone: nothing in it ends the text.
        pattern = prefix_pattern(self._rules.prefixes)
        found = "spelled(regexp_extract(capitals({}), '" + pattern + "'))"
        if side == Side.BOOK:
            return found.format("reference")
        return f"coalesce(nullif({found.format('reference')}, ''), {found.format('text')})"

    def _rows(self, side: Side, columns: dict[str, str] = MORE_COLUMNS) -> str:
        return self._file(side, BOOK_COLUMNS if side == Side.BOOK else BOOK_COLUMNS | columns)

    def _file(self, name: str, columns: Mapping[str, str]) -> str:
        path = _quoted(str(self._folder / f"{name}.csv"))
        types = ", ".join(f"'{name}': '{kind}'" for name, kind in columns.items())
        return (
            f"read_csv('{path}', header = false, auto_detect = false, delim = ',',"
            " quote = '\"', escape = '\"', nullstr = '\\N', new_line = '\\n',"
            f" max_line_size = {_LONGEST_LINE}, buffer_size = {2 * _LONGEST_LINE},"
            f" columns = {{{types}}})"
        )

    def _count(self, side: Side) -> int:
        found: Any = self._duck.execute(f"SELECT count(*) FROM {side}").fetchone()  # noqa: S608
        return int(found[0])
