"""Read the rows of a CSV or XLSX file that somebody uploaded, exactly and within bounds.

    bytes → encoding, delimiter or sheet → headings → rows of texts

Every cell comes back as text, trimmed: amounts and dates are read later, where the rules
for them are. Row numbers are those that a spreadsheet shows, so that an error can name them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from apps.core.tabular.dates import parse_date_text
from apps.core.tabular.errors import (
    CellTooLong,
    EmptyFile,
    FileTooLarge,
    LongRow,
    OldWorkbook,
    TooManyColumns,
    TooManyRows,
    UnreadableDate,
    UnreadableFile,
)
from apps.core.tabular.text import decode, iter_records, sniff_delimiter
from apps.core.tabular.workbook import OLD_MAGIC, ZIP_MAGIC, iter_workbook

__all__ = (
    "MAX_BYTES",
    "MAX_CELL_LENGTH",
    "MAX_COLUMNS",
    "MAX_ROWS",
    "Table",
    "TableStream",
    "UnreadableDate",
    "UnreadableFile",
    "open_table",
    "parse_date_text",
    "read_rows",
)

MAX_BYTES = 50 * 1024 * 1024
MAX_ROWS = 200_000
MAX_COLUMNS = 256
MAX_CELL_LENGTH = 2_000

# Rows with their numbers in the file, as found and as handed on.
Records = Iterator[tuple[int, list[str]]]
Rows = Iterator[tuple[int, tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class TableStream:
    """The head of a table, and its rows as they are read.

    `rows` yields the row's number in the file and as many texts as there are headings;
    blank rows are left out. `encoding` and `delimiter` are "" for XLSX, `sheet` for CSV.
    """

    headers: tuple[str, ...]
    rows: Rows
    encoding: str
    delimiter: str
    sheet: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table in memory; `numbers` holds the number of each row in the file."""

    headers: tuple[str, ...]
    rows: list[tuple[str, ...]]
    numbers: list[int]
    encoding: str
    delimiter: str
    sheet: str

    def numbered(self) -> Rows:
        """Yield each row with its number in the file."""
        return zip(self.numbers, self.rows, strict=True)


def read_rows(data: bytes, filename: str, *, max_rows: int = MAX_ROWS) -> Table:
    """Read a whole CSV or XLSX file; `filename` only tells its kind.

    Raises:
        UnreadableFile: or one of its subclasses, each with a sentence for the user.
    """
    stream = open_table(data, filename, max_rows=max_rows)
    numbers: list[int] = []
    rows: list[tuple[str, ...]] = []
    for number, cells in stream.rows:
        numbers.append(number)
        rows.append(cells)
    return Table(
        headers=stream.headers,
        rows=rows,
        numbers=numbers,
        encoding=stream.encoding,
        delimiter=stream.delimiter,
        sheet=stream.sheet,
    )


def open_table(data: bytes, filename: str, *, max_rows: int = MAX_ROWS) -> TableStream:
    """Read the headings now and the rows on demand; a bad row raises when it is reached.

    Raises:
        UnreadableFile: or one of its subclasses, each with a sentence for the user.
    """
    if len(data) > MAX_BYTES:
        raise FileTooLarge(limit=MAX_BYTES // 1024**2)
    if data.startswith(OLD_MAGIC) or filename.lower().endswith(".xls"):
        raise OldWorkbook
    if data.startswith(ZIP_MAGIC) or filename.lower().endswith((".xlsx", ".xlsm")):
        return _open_workbook(data, max_rows)
    return _open_text(data, max_rows)


def _open_text(data: bytes, max_rows: int) -> TableStream:
    """Open a CSV file."""
    text, encoding = decode(data)
    delimiter, body = sniff_delimiter(text)
    records = iter_records(body, delimiter, first=1 if body is text else 2)
    headers, rows = _split(records, max_rows)
    return TableStream(headers, rows, encoding, delimiter, sheet="")


def _open_workbook(data: bytes, max_rows: int) -> TableStream:
    """Open the first visible sheet of a workbook."""
    answers = iter_workbook(data, (max_rows, MAX_COLUMNS, MAX_CELL_LENGTH))
    head = next(answers, None)
    if head is None:
        raise UnreadableFile
    headers, rows = _split(enumerate(answers, start=1), max_rows)
    return TableStream(headers, rows, encoding="", delimiter="", sheet=head["sheet"])


def _split(records: Records, max_rows: int) -> tuple[tuple[str, ...], Rows]:
    """Return the headings and the rows below them, checked and of equal length."""
    filled = (
        (number, cells) for number, record in records if (cells := _cells(number, record))
    )
    _number, headers = next(filled, (0, ()))
    if not headers:
        raise EmptyFile
    return headers, _rows(filled, len(headers), max_rows)


def _rows(filled: Rows, width: int, max_rows: int) -> Rows:
    """Yield rows filled up to the width of the headings.

    Raises:
        LongRow: a row has a cell without a heading.
        TooManyRows: there are more rows than asked for.
    """
    for count, (number, cells) in enumerate(filled, start=1):
        if count > max_rows:
            raise TooManyRows(limit=max_rows)
        if len(cells) > width:
            raise LongRow(row=number)
        yield number, cells + ("",) * (width - len(cells))


def _cells(number: int, record: list[str]) -> tuple[str, ...]:
    """Return the trimmed cells of a row without the blank ones at its end.

    Raises:
        CellTooLong: a cell holds more text than anything here can hold.
        TooManyColumns: the row is wider than any table of ours.
    """
    cells = [cell.strip() for cell in record]
    while cells and not cells[-1]:
        cells.pop()
    if len(cells) > MAX_COLUMNS:
        raise TooManyColumns(limit=MAX_COLUMNS)
    for column, cell in enumerate(cells, start=1):
        if len(cell) > MAX_CELL_LENGTH:
            raise CellTooLong(row=number, column=column, limit=MAX_CELL_LENGTH)
    return tuple(cells)
