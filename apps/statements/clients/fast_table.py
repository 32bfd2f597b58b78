"""Tables of a million rows: DuckDB reads what is written plainly, Python reads the rest.

The rules are those of domain/formats/table.py, which remains the only one to refuse a row: a
row whose amount, day or fee is not certain here is *odd*, and is read there. So the result is
the same whichever of the two reads a row, and a bad row is told in the same words.

A file that is not plain as a whole (see plain_text.py) is left to Python.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any

import duckdb

from apps.statements.clients.balances_sql import balances_of
from apps.statements.clients.line_store import LineStore, Placed, quoted
from apps.statements.clients.plain_text import is_plain
from apps.statements.clients.table_sql import ODD, TOTALS, TableSql, has_edges
from apps.statements.clients.text_file import delimiter_of, records
from apps.statements.domain.formats.table import (
    SAMPLE,
    TableReader,
    footer_words,
    only,
    places_of,
)
from apps.statements.domain.parts import Part, unfit
from apps.statements.errors import BadDay, NothingInStatement

if TYPE_CHECKING:
    from apps.core.errors import FinanceError
    from apps.statements.clients.text_file import TextFile
    from apps.statements.domain.mapping import TableMapping

_MOST_COLUMNS, _LONGEST_ROW = 64, 131_072
# More odd rows than one in four, or more rows of totals: Python reads all of it.
_ODD_SHARE, _MOST_TOTALS = 4, 100
_DAY_KEYS = 50_000
_ODD_ROWS = """SELECT l.ord, l.part, raw.* FROM lines l JOIN raw ON raw.rowid = l.ord
  WHERE l.part < 0 AND l.ord > ? ORDER BY l.ord LIMIT ?"""
_PAGE = 5_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose lines are read, "" for all, and their currency with its decimals."""

    account: str
    currency: str
    digits: int


class NotPlain(Exception):
    """The file is not for this reader."""


def read_fast(store: LineStore, file: TextFile, mapping: TableMapping, wanted: Wanted) -> Part:
    """Read a CSV into the store, and return its one statement.

    Raises:
        NotPlain: nothing was read; Python has to.
        BrokenStatement: or one of its subclasses, each names the line.
    """
    try:
        table, rows = _loaded(store, file, mapping, wanted)
        return table.read(rows)
    except duckdb.Error as error:
        store.begin()
        raise NotPlain from error


def _loaded(
    store: LineStore, file: TextFile, mapping: TableMapping, wanted: Wanted
) -> tuple[_FastTable, int]:
    """Return the table of a plain file, and how many rows it has.

    To look at the bytes takes as long as to load them: each has a core. That they are not plain
    comes first, whatever the other says.
    """
    delimiter = delimiter_of(file, mapping.delimiter)
    may_end_blank = not mapping.skip_tail
    with ThreadPoolExecutor(1, thread_name_prefix="plain") as thread:
        plain = thread.submit(is_plain, file.path, delimiter, may_end_blank=may_end_blank)
        try:
            table = _FastTable(store, file, mapping, delimiter, wanted)
            return table, table.load()
        finally:
            if not plain.result():
                store.duck.execute("DROP TABLE IF EXISTS raw")
                raise NotPlain


class _FastTable:
    def __init__(
        self,
        store: LineStore,
        file: TextFile,
        mapping: TableMapping,
        delimiter: str,
        wanted: Wanted,
    ) -> None:
        self._wanted = wanted
        self._store, self._duck, self._mapping = store, store.duck, mapping
        rows = [row for _number, row in islice(records(file, delimiter), SAMPLE)]
        self._width = max(map(len, rows), default=0)
        self._delimiter, self._path = delimiter, file.path
        if not 0 < self._width <= _MOST_COLUMNS or len(rows) <= mapping.skip_head:
            raise NotPlain
        self._first = mapping.skip_head + mapping.has_headings
        headings = [cell.strip() for cell in rows[mapping.skip_head]]
        places = places_of(mapping, headings if mapping.has_headings else [])
        self._reader = TableReader(mapping, places, wanted.account)

    def read(self, rows: int) -> Part:
        """Read the first so many of the rows that were loaded."""
        end = rows - self._mapping.skip_tail
        if end <= self._first:
            raise NotPlain
        self._rows = f"rowid >= {self._first} AND rowid < {end}"
        self._reader.find_sign(self._cells(f"{self._rows} AND rowid < {self._first + SAMPLE}"))
        sql = TableSql(self._reader, self._width, self._wanted.digits, self._edged())
        self._days(sql)
        self._store.begin(sql.columns())
        words = footer_words(self._mapping)
        self._duck.execute(
            f"INSERT INTO lines {sql.select(self._rows, words, self._store.told)}"
        )
        bad = self._read_odd()
        return self._part(sql, bad)

    def load(self) -> int:
        """Take the file as texts; return how many rows it has."""
        kinds = ", ".join(f"'c{n}': 'VARCHAR'" for n in range(self._width))
        self._duck.execute(
            f"CREATE TEMP TABLE raw AS SELECT * FROM read_csv({quoted(str(self._path))},"  # noqa: S608
            f" auto_detect = false, header = false, delim = {quoted(self._delimiter)},"
            " quote = '\"', escape = '\"', null_padding = true, strict_mode = true,"
            f" max_line_size = {_LONGEST_ROW}, columns = {{{kinds}}})"
        )
        return self._number("SELECT count(*) FROM raw")

    def _edged(self) -> list[int]:
        """Return the columns in which a cell begins or ends with what is stripped."""
        columns = range(self._width)
        looks = ", ".join(f"bool_or({has_edges(column)})" for column in columns)
        row: Any = self._duck.execute(f"SELECT {looks} FROM raw WHERE {self._rows}").fetchone()  # noqa: S608
        return [column for column, found in zip(columns, row, strict=True) if found]

    def _days(self, sql: TableSql) -> None:
        """Read each text of a day once; those that are none are missing in `days`."""
        keys = " UNION ".join(
            f"SELECT DISTINCT {sql.day_key(name)} AS key FROM raw WHERE {self._rows}"  # noqa: S608
            for name in ("date", "value_date")
            if name in self._reader.places
        )
        found = self._duck.execute(f"SELECT key FROM ({keys}) LIMIT {_DAY_KEYS}").fetchall()  # noqa: S608
        if len(found) >= _DAY_KEYS:
            raise NotPlain
        self._duck.execute("CREATE TEMP TABLE days (key VARCHAR PRIMARY KEY, day DATE)")
        days = []
        for (key,) in found:
            try:
                days.append((key, self._reader.days.read(key, 0)))
            except BadDay:
                continue
        if days:
            values = ", ".join(f"({quoted(key)}, DATE '{day}')" for key, day in days)
            self._duck.execute(f"INSERT INTO days VALUES {values}")  # noqa: S608

    def _read_odd(self) -> FinanceError | None:
        """Read odd rows and totals by Python, in order; return the first that does not fit."""
        counts = dict(
            self._duck.execute("SELECT part, count(*) FROM lines GROUP BY part").fetchall()
        )
        if (
            counts.get(ODD, 0) * _ODD_SHARE > sum(counts.values())
            or counts.get(TOTALS, 0) > _MOST_TOTALS
        ):
            self._store.begin()
            raise NotPlain
        if not counts.keys() & {ODD, TOTALS}:
            return None
        odd = _OddRows(self._duck, self._reader, self._wanted)
        self._store.add(odd.read())
        self._duck.execute("DELETE FROM lines WHERE part < 0")
        return odd.unfit

    def _part(self, sql: TableSql, bad: FinanceError | None) -> Part:
        account, others = self._own_alone(sql)
        row = self._duck.execute(
            "SELECT min(booked_on), max(booked_on), count(*), sum(amount),"
            " coalesce(sum(amount) FILTER (amount > 0), 0) FROM lines"
        ).fetchone()
        if row is None or not row[2]:
            raise NothingInStatement
        part = Part(row[0], row[1], count=row[2], total=row[3], money_in=row[4], unfit=bad)
        part.money_out = part.total - part.money_in
        part.account, part.others = account, others
        part.currency_lines = self._first_lines(sql, "currency")
        for code, line in self._reader.currencies.items():
            part.currency_lines[code] = min(line, part.currency_lines.get(code, line))
        part.currency = only(part.currency_lines)
        part.currency_column = self._reader.column("currency")
        if "balance" in self._reader.places and (self._wanted.account or not others):
            part.opening, part.closing = balances_of(self._duck, self._reader.column("balance"))
        return part

    def _own_alone(self, sql: TableSql) -> tuple[str, list[str]]:
        """Leave out the lines of other accounts, which stand in the totals alone."""
        said = self._first_lines(sql, "account").keys() | self._reader.accounts
        account, others = self._reader.own_and_others(said)
        if others and self._wanted.account:
            self._duck.execute(
                "DELETE FROM lines WHERE ord IN (SELECT rowid FROM raw WHERE"  # noqa: S608
                f" {sql.field('account')} IN ({', '.join(map(quoted, others))}))"
            )
        return account, others

    def _first_lines(self, sql: TableSql, name: str) -> dict[str, int]:
        """Return what lines say in a field, each with the first line that says it."""
        if name not in self._reader.places:
            return {}
        rows = self._duck.execute(
            f"SELECT {sql.field(name)} AS said, min(rowid) + 1 FROM raw"  # noqa: S608
            " WHERE rowid IN (SELECT ord FROM lines) GROUP BY said"
        )
        return {said: line for said, line in rows.fetchall() if said}

    def _cells(self, condition: str) -> Iterator[list[str]]:
        rows = self._duck.execute(f"SELECT * FROM raw WHERE {condition} ORDER BY rowid")  # noqa: S608
        return ([text or "" for text in row] for row in rows.fetchall())

    def _number(self, sql: str) -> int:
        row: Any = self._duck.execute(sql).fetchone()
        return int(row[0])


class _OddRows:
    """Rows that Python reads; `unfit` is the first line among them that does not fit."""

    def __init__(
        self, duck: duckdb.DuckDBPyConnection, reader: TableReader, wanted: Wanted
    ) -> None:
        self._duck, self._reader = duck, reader
        self._digits, self._currency = wanted.digits, wanted.currency
        self.unfit: FinanceError | None = None
        self._total = self._money_in = Decimal(0)

    def read(self) -> Iterator[Placed]:
        last = -1
        while rows := self._duck.execute(_ODD_ROWS, [last, _PAGE]).fetchall():
            for place, kind, *cells in rows:
                row = [text or "" for text in cells]
                if kind == TOTALS:
                    self._check_totals(place, row)
                else:
                    yield self._line(place, row)
            last = rows[-1][0]

    def _line(self, place: int, row: list[str]) -> Placed:
        line, balance = self._reader.line(place + 1, row)
        if self.unfit is None and self._reader.is_own(row):
            self.unfit = unfit(line, self._digits, self._currency, self._reader.mapping.columns)
        self._total += line.amount
        self._money_in += max(line.amount, Decimal(0))
        return place, 0, line, balance

    def _check_totals(self, place: int, row: list[str]) -> None:
        sums: Any = self._duck.execute(
            "SELECT coalesce(sum(amount), 0), coalesce(sum(amount) FILTER (amount > 0), 0)"
            " FROM lines WHERE part = 0 AND ord < ?",
            [place],
        ).fetchone()
        money_in, total = sums[1] + self._money_in, sums[0] + self._total
        self._reader.check_totals(place + 1, row, money_in, total)
