"""Read one sheet of an XLSX in a process of its own; started by workbook.py as a script.

Workbook on standard input; on standard output one JSON value for each line: first
`{"sheet": name}`, then a list of texts for each row from row 1 on, or `{"code": ..., ...}`
when a cell cannot be taken over exactly.

A hostile workbook of a few kilobytes (two cells a million rows apart, or one long text that
a million cells share) makes the native reader ask for more memory than there is, and then
it aborts its process. Here that process is not the server, and the kernel limits it.
Standard library and python-calamine only: it starts in a twentieth of a second.
"""

from __future__ import annotations

import io
import json
import resource
import sys
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Context, Decimal
from numbers import Real

from python_calamine import CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

MEMORY_BYTES = 512 * 1024 * 1024
PROCESSOR_SECONDS = 20
# A spreadsheet keeps 15 significant digits; what is behind them is the noise of binary.
_SPREADSHEET = Context(prec=15)
_WITH_CENTS = Decimal(10) ** 13
_WHOLE = Decimal(10) ** 15


class LostDigits(ValueError):
    """A number holds more digits than a spreadsheet keeps."""


def cell_text(value: object) -> str:
    """Return a cell as text: dates in ISO form, numbers without the noise of binary.

    Raises:
        LostDigits: the number is not finite or is longer than a spreadsheet can keep.
    """
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, Real):
        return number_text(Decimal(repr(value)))
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds").removesuffix(" 00:00:00")
    return str(value) if isinstance(value, date | time | timedelta) else ""


def number_text(number: Decimal) -> str:
    """Return a number as its digits: 0.30000000000000004 is 0.3, 7.0 is 7.

    Raises:
        LostDigits: digits before the point, or cents, are beyond what a spreadsheet keeps.
    """
    if not number.is_finite() or abs(number) >= _WHOLE:
        raise LostDigits
    rounded = _SPREADSHEET.plus(number)
    if abs(number) >= _WITH_CENTS and rounded != number:
        raise LostDigits
    if not rounded:
        return "0"
    return f"{rounded.normalize(_SPREADSHEET):f}"


def answers(data: bytes, max_rows: int, max_columns: int, max_length: int) -> Iterator[object]:
    """Yield what goes to standard output: a head, the rows, and perhaps a problem."""
    sheet = first_sheet(CalamineWorkbook.from_filelike(io.BytesIO(data)))
    first_row, first_column = sheet.start or (0, 0)
    yield {"sheet": sheet.name}
    if first_column + sheet.width > max_columns:
        yield {"code": "too_many_columns", "limit": max_columns}
        return
    for number, row in enumerate(sheet.iter_rows(), start=1):
        if number - first_row > max_rows + 1:
            yield {"code": "too_many_rows", "limit": max_rows}
            return
        answer = row_answer(row, number, first_column, max_length)
        yield answer
        if isinstance(answer, dict):
            return


def row_answer(
    row: Iterable[object], number: int, first_column: int, max_length: int
) -> list[str] | dict[str, object]:
    """Return the texts of a row, or what stands against taking it over."""
    texts: list[str] = []
    for column, value in enumerate(row, start=first_column + 1):
        try:
            text = cell_text(value)
        except LostDigits:
            return {"code": "lost_digits", "row": number, "column": column}
        if "\0" in text:
            return {"code": "nul_in_file", "line": number}
        if len(text) > max_length:
            return {
                "code": "cell_too_long", "limit": max_length, "row": number, "column": column,
            }  # fmt: skip
        texts.append(text)
    return texts


def first_sheet(workbook: CalamineWorkbook) -> CalamineSheet:
    """Return the first sheet that people see and that is a table, else the first."""
    for found in workbook.sheets_metadata:
        if found.visible == SheetVisibleEnum.Visible and found.typ == SheetTypeEnum.WorkSheet:
            return workbook.get_sheet_by_name(found.name)
    return workbook.get_sheet_by_index(0)


def main() -> None:
    """Limit this process, then answer the workbook on standard input."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    data = sys.stdin.buffer.read()
    for answer in answers(data, *map(int, sys.argv[1:4])):
        sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
