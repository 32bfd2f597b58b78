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
            texts = "".join(path.read_bytes().decode() for path in files)
        lines = iter([_line(row) for row in csv.reader(io.StringIO(texts, newline=""))])
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


def _line(row: list[str]) -> ReadLine:
    number, booked, value, amount, *texts = row[3:14]
    fee, gross, currency = row[14:17]
    return ReadLine(
        int(number),
        date.fromisoformat(booked),
        plain(amount),
        value_on=None if value == r"\N" else date.fromisoformat(value),
        fee=None if fee == r"\N" else plain(fee),
        gross_amount=None if gross == r"\N" else plain(gross),
        gross_currency=None if currency == r"\N" else currency,
        **dict(zip(_TEXTS, texts, strict=True)),
    )
