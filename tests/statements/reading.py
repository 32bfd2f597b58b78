"""Read small files as the reading process does, but here, and look at their lines."""

from __future__ import annotations

import csv
import io
import tempfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from apps.statements.clients.line_store import COLUMNS
from apps.statements.clients.readers import FILE, ReadFile, Request, read
from apps.statements.domain.parts import Part
from apps.statements.domain.values import ReadLine, ReadStatement

_TEXTS = tuple(name for name, kind in COLUMNS.items() if kind == "VARCHAR")[:7]


def read_lines(
    kind: str, content: bytes, account: str = "", **rules: Any
) -> tuple[ReadFile, list[ReadStatement]]:
    """Return what a file says, and its statements with their lines."""
    request = Request(kind, rules, account, "c", "CNY", 2)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / FILE).write_bytes(content)
        with read(folder, request) as (found, files):
            texts = [path.read_bytes().decode() for path in files]
        rows = (row for text in texts for row in csv.DictReader(io.StringIO(text, newline="")))
        lines = iter([_line(row) for row in rows])
    return found, [_statement(part, [next(lines) for _n in range(part.count)])
                   for part in found.parts]  # fmt: skip


def plain(amount: Decimal | str) -> Decimal:
    """Return an amount with two decimals, or more where it has more."""
    value = Decimal(amount)
    cents = value.quantize(Decimal("0.01"))
    return cents if cents == value else value.normalize()


def _statement(part: Part, lines: list[ReadLine]) -> ReadStatement:
    return ReadStatement(
        part.from_on, part.to_on, part.account, part.currency, part.reference,
        part.opening, part.closing, lines,
    )  # fmt: skip


def _line(row: dict[str, str]) -> ReadLine:
    """Return a line of a file; a column that the file does not have is empty."""
    said = {name: value for name, value in row.items() if value != r"\N"}
    return ReadLine(
        int(said["line_no"]),
        date.fromisoformat(said["booked_on"]),
        plain(said["amount"]),
        value_on=date.fromisoformat(said["value_on"]) if "value_on" in said else None,
        fee=plain(said["fee"]) if "fee" in said else None,
        gross_amount=plain(said["gross_amount"]) if "gross_amount" in said else None,
        gross_currency=said.get("gross_currency_id"),
        **{name: said.get(name, "") for name in _TEXTS},
    )
