"""Write rows as CSV or XLSX so that no cell runs as a formula and no cent is lost.

Cells are `str`, `int`, `Decimal`, `date`, `datetime`, `bool` or None. A text that would start
a formula gets an apostrophe in CSV and stays a text in XLSX. Amounts keep their digits;
zeros behind the second decimal, which the database adds, are dropped.
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from itertools import chain, islice
from typing import IO, TYPE_CHECKING

from django.http import FileResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _
from xlsxwriter import Workbook

from apps.core.errors import FinanceError

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

Cell = str | int | Decimal | date | None

CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What a sheet holds, less its row of headings.
MAX_XLSX_ROWS = 1_048_575
MAX_XLSX_TEXT = 32_767
# A spreadsheet keeps 15 significant digits of a number, and changes the others.
SPREADSHEET_DIGITS = 15
# The full-width forms start a formula where the input method is Chinese or Japanese.
_FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")
_CHUNK_ROWS = 500
_CENTS = 2


class ExportTooLarge(FinanceError):
    """More rows than a sheet of a workbook has."""

    code = "export_too_large"
    http_status = 413
    sentence = _(
        "A sheet holds %(limit)s rows, this is more. Export CSV, or narrow the filter."
    )


class ColumnKind(StrEnum):
    """What a column of a workbook shows; decides its width and alignment."""

    TEXT = "text"
    AMOUNT = "amount"
    DATE = "date"
    INTEGER = "integer"


_WIDTHS = {
    ColumnKind.TEXT: 24,
    ColumnKind.AMOUNT: 18,
    ColumnKind.DATE: 12,
    ColumnKind.INTEGER: 10,
}


def csv_response(
    filename: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]
) -> StreamingHttpResponse:
    """Stream rows as CSV in UTF-8 with a byte order mark, which Excel asks for."""
    return StreamingHttpResponse(
        csv_chunks(header, rows),
        content_type=CSV_TYPE,
        headers={"Content-Disposition": _attachment(filename)},
    )


def csv_chunks(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """Yield a CSV file in pieces of some hundred rows."""
    records = chain([header], rows)
    mark = "\ufeff"
    while batch := list(islice(records, _CHUNK_ROWS)):
        buffer = io.StringIO(newline="")
        csv.writer(buffer).writerows([csv_text(cell) for cell in row] for row in batch)
        yield (mark + buffer.getvalue()).encode()
        mark = ""


def csv_text(cell: Cell) -> str:
    """Return a cell as it stands in a CSV file."""
    if cell is None:
        return ""
    if isinstance(cell, Decimal):
        return f"{trim_zeros(cell):f}"
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell
    return str(cell)


def trim_zeros(amount: Decimal) -> Decimal:
    """Return the amount without zeros behind its second decimal: 1.5000 is 1.50."""
    whole, point, part = f"{amount:f}".partition(".")
    return Decimal(whole + point + part[:_CENTS] + part[_CENTS:].rstrip("0"))


def xlsx_response(
    filename: str,
    header: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    column_kinds: Sequence[ColumnKind],
) -> FileResponse:
    """Answer with a workbook of one sheet, written row by row into a temporary file.

    Raises:
        ExportTooLarge: there are more rows than a sheet has.
    """
    file = tempfile.TemporaryFile()  # noqa: SIM115  (the response closes it)
    try:
        write_xlsx(file, header, rows, column_kinds)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=filename, content_type=XLSX_TYPE)


def write_xlsx(
    file: IO[bytes],
    header: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    column_kinds: Sequence[ColumnKind],
) -> None:
    """Write a workbook of one sheet, its headings frozen.

    Raises:
        ExportTooLarge: there are more rows than a sheet has.
    """
    # Closing also removes the library's temporary file, hence in any case.
    with closing(_Sheet(file, column_kinds)) as sheet:
        sheet.write_header(header)
        for count, row in enumerate(rows, start=1):
            if count > MAX_XLSX_ROWS:
                raise ExportTooLarge(limit=MAX_XLSX_ROWS)
            sheet.write_row(count, row)


class _Sheet:
    """A sheet under work; formats are made once for each look."""

    def __init__(self, file: IO[bytes], column_kinds: Sequence[ColumnKind]) -> None:
        """Start the workbook, with everything off that turns text into something else."""
        self.book = Workbook(
            file,
            {
                "constant_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            },
        )
        self.sheet: Worksheet = self.book.add_worksheet()
        self.kinds = column_kinds
        self.formats: dict[str, Format] = {}

    def format(self, look: str, **properties: object) -> Format:
        """Return the format of a look, making it when it is first needed."""
        if look not in self.formats:
            self.formats[look] = self.book.add_format(properties)
        return self.formats[look]

    def write_header(self, header: Sequence[str]) -> None:
        """Write the headings in bold, above columns of a fitting width."""
        for column, kind in enumerate(self.kinds):
            self.sheet.set_column(column, column, _WIDTHS[kind])
        self.sheet.freeze_panes(1, 0)
        for column, heading in enumerate(header):
            self.sheet.write_string(0, column, heading, self.format("head", bold=True))

    def write_row(self, number: int, row: Sequence[Cell]) -> None:
        """Write one row; None leaves a cell empty."""
        for column, cell in enumerate(row):
            if cell is not None:
                self.write_cell(number, column, cell)

    def write_cell(self, number: int, column: int, cell: str | int | Decimal | date) -> None:
        """Write a number as a number where a spreadsheet keeps it, else as text."""
        if isinstance(cell, date) and not isinstance(cell, datetime):
            look = self.format("date", num_format="yyyy-mm-dd")
            self.sheet.write_datetime(number, column, cell, look)
        elif isinstance(cell, Decimal | int) and not isinstance(cell, bool):
            self.write_number(number, column, cell)
        else:
            text = csv_text(cell) if not isinstance(cell, str) else cell
            # The prefix keeps Excel from reading a formula when somebody edits the cell.
            is_risky = text.startswith(_FORMULA_STARTS)
            look = self.format("quoted", quote_prefix=True) if is_risky else None
            self.sheet.write_string(number, column, text[:MAX_XLSX_TEXT], look)

    def write_number(self, number: int, column: int, amount: Decimal | int) -> None:
        """Write an amount, as right-aligned text when it has more digits than fit."""
        text = csv_text(amount)
        if len(text.replace(".", "").lstrip("-0")) > SPREADSHEET_DIGITS:
            self.sheet.write_string(number, column, text, self.format("long", align="right"))
            return
        decimals = len(text.partition(".")[2])
        pattern = f"#,##0.{'0' * decimals}".rstrip(".") if isinstance(amount, Decimal) else "0"
        self.sheet.write_number(
            number, column, Decimal(text), self.format(pattern, num_format=pattern)
        )

    def close(self) -> None:
        """Finish the file."""
        self.book.close()


def _attachment(filename: str) -> str:
    """Return the header by which a browser saves the answer under a name of any script."""
    return content_disposition_header(as_attachment=True, filename=filename) or "attachment"
