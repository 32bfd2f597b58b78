"""OFX and QFX: SGML whose values often have no end tag (1.x), or XML (2.x).

A file tells the closing balance alone. Where it is of the last day, the opening one follows
from it, and is proved by the closing balance of the statement before.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_right
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from apps.statements.domain.amounts import parse_amount
from apps.statements.domain.values import ReadLine, ReadStatement
from apps.statements.errors import (
    BadAmount,
    BadDay,
    DoctypeRefused,
    NotThisFormat,
    StatementEndsTooEarly,
)

_TOKEN = re.compile(r"<(/?)([A-Za-z0-9_.]+)>([^<]*)")
_STATEMENTS = {"STMTRS", "CCSTMTRS"}
_GROUPS = {"STMTTRN", "LEDGERBAL", "AVAILBAL", "BANKACCTFROM", "CCACCTFROM", "PAYEE"}
Fields = dict[str, str]


def read_ofx(text: str) -> list[ReadStatement]:
    """Return the statements of a file.

    Raises:
        BrokenStatement: or one of its subclasses, each names the line.
    """
    if "<!" in text[: text.find("<OFX>") + 1] or "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise DoctypeRefused
    start = text.find("<OFX>")
    if start < 0:
        raise NotThisFormat(format="OFX")
    ends = [match.start() for match in re.finditer("\n", text)]
    if "</OFX>" not in text[start:]:
        raise StatementEndsTooEarly(line=len(ends) + 1)
    reader = _Reader()
    for found in _TOKEN.finditer(text, start):
        line = bisect_right(ends, found.start()) + 1
        reader.take(found[1] == "/", found[2].upper(), html.unescape(found[3]).strip(), line)
    return [_statement(*parts) for parts in reader.statements]


class _Reader:
    """Collects the fields of each group; a group that begins anew ends the one before."""

    def __init__(self) -> None:
        self.statements: list[tuple[Fields, list[tuple[int, Fields]]]] = []
        self.group = ""
        self.is_inside = False

    def take(self, is_end: bool, name: str, value: str, line: int) -> None:  # noqa: FBT001
        if name in _STATEMENTS:
            self.is_inside = not is_end
            if not is_end:
                self.statements.append(({}, []))
        elif not self.is_inside:
            return
        elif name in _GROUPS:
            self._group(name, line, is_end=is_end)
        elif not is_end and value:
            self._value(name, value)

    def _group(self, name: str, line: int, *, is_end: bool) -> None:
        self.group = "" if is_end else name
        if name == "STMTTRN" and not is_end:
            self.statements[-1][1].append((line, {}))
        elif name == "PAYEE":
            self.group = "STMTTRN"

    def _value(self, name: str, value: str) -> None:
        head, lines = self.statements[-1]
        if self.group == "STMTTRN" and lines:
            lines[-1][1].setdefault(name, value)
        else:
            head.setdefault(f"{self.group}.{name}" if self.group else name, value)


def _statement(head: Fields, rows: list[tuple[int, Fields]]) -> ReadStatement:
    lines = list(_lines(rows))
    days = [line.booked_on for line in lines]
    told = [_day(head[name], 1, name) for name in ("DTSTART", "DTEND") if head.get(name)]
    days += told
    if not days:
        raise NotThisFormat(format="OFX")
    account = head.get("BANKACCTFROM.ACCTID") or head.get("CCACCTFROM.ACCTID") or ""
    part = ReadStatement(
        from_on=min(days),
        to_on=max(days),
        account=account,
        currency=head.get("CURDEF", ""),
        lines=lines,
    )
    balance = head.get("LEDGERBAL.BALAMT", "")
    as_of = head.get("LEDGERBAL.DTASOF", "")
    if balance and as_of and _day(as_of, 1, "DTASOF") <= part.to_on + timedelta(days=1):
        part.closing = _amount(balance, 1, "BALAMT")
        part.opening = part.closing - part.total
    return part


def _lines(rows: list[tuple[int, Fields]]) -> Iterator[ReadLine]:
    for number, row in rows:
        for name, refusal in (("TRNAMT", BadAmount), ("DTPOSTED", BadDay)):
            if name not in row:
                raise refusal(line=number, column=name, text="")
        yield ReadLine(
            number,
            _day(row["DTPOSTED"], number, "DTPOSTED"),
            _amount(row["TRNAMT"], number, "TRNAMT"),
            reference=(row.get("REFNUM") or row.get("CHECKNUM") or "")[:140],
            partner_reference=row.get("FITID", "")[:140],
            kind=row.get("TRNTYPE", "")[:60],
            counterparty=row.get("NAME", "")[:200],
            text=row.get("MEMO", "")[:1000],
            value_on=_day(row["DTAVAIL"], number, "DTAVAIL") if "DTAVAIL" in row else None,
        )


def _amount(text: str, line: int, column: str) -> Decimal:
    """Return an amount; OFX groups no thousands, and takes a comma or a point."""
    return parse_amount(text, line, "," if "," in text else ".", column)


def _day(text: str, line: int, column: str) -> date:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError as error:
        raise BadDay(line=line, column=column, text=text[:60]) from error
