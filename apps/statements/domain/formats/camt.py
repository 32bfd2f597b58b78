"""camt.053 (ISO 20022), any version: elements are known by their local names.

Only booked entries count. `CdtDbtInd` is the direction of the entry itself, also of one that
reverses another. A batch entry is divided where its details tell amounts that add up to it.
"""

from __future__ import annotations

import io
import re
from array import array
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import BinaryIO
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from apps.statements.domain.amounts import parse_amount
from apps.statements.domain.parts import Stream, whole
from apps.statements.domain.values import ReadLine, ReadStatement
from apps.statements.errors import (
    BadDay,
    BrokenStatement,
    DoctypeRefused,
    NotThisFormat,
    StatementEndsTooEarly,
)

_ENTRY = re.compile(rb"<(?:[\w.-]+:)?Ntry[\s>]")
_OPENING, _CLOSING = ("OPBD", "PRCD"), ("CLBD",)
# No more elements, a token without its end, a character without its end.
_CUT_OFF = {3, 5, 6}
_NONE = {"", "NOTPROVIDED", "NONREF"}


def read_camt(content: bytes) -> list[ReadStatement]:
    """Return the statements of a file.

    Raises:
        BrokenStatement: or one of its subclasses, each names the line.
    """
    return whole(stream_camt(io.BytesIO(content)))


def stream_camt(source: BinaryIO) -> Stream:
    """Yield the lines of each statement, then the statement; entries are let go one by one.

    Raises:
        BrokenStatement: or one of its subclasses, each names the line.
    """
    places = _places(source)
    source.seek(0)
    try:
        yield from _statements(source, places)
    except DefusedXmlException as error:
        raise DoctypeRefused from error
    except ParseError as error:
        line = error.position[0]
        if error.code in _CUT_OFF:
            raise StatementEndsTooEarly(line=line) from error
        raise BrokenStatement(line=line, text=_row(source, line)) from error
    except (LookupError, ValueError) as error:
        # The XML names an encoding that there is not, or that XML is never written in.
        raise BrokenStatement(line=1, text=_row(source, 1)) from error


def _row(source: BinaryIO, line: int) -> str:
    source.seek(0)
    found = next(islice(source, line - 1, None), b"")
    return found.decode(errors="replace").strip()[:60]


def _places(source: BinaryIO) -> Iterator[int]:
    """Return in which line each entry begins, four bytes for each."""
    found = array("I")
    for number, line in enumerate(source, start=1):
        found.extend([number] * len(_ENTRY.findall(line)))
    return iter(found)


def _statements(source: BinaryIO, places: Iterator[int]) -> Stream:
    days: set[date] = set()
    found: set[str] = set()
    parent: Element | None = None
    for event, element in iterparse(source, ("start", "end"), forbid_dtd=True):
        name = _local(element)
        if event == "start":
            found.add(name)
            parent = element if name == "Stmt" else parent
        elif name == "Ntry" and parent is not None:
            for line in _lines(element, next(places, 1)):
                days.add(line.booked_on)
                yield line
            parent.remove(element)
        elif name == "Stmt":
            yield _statement(element, sorted(days))
            days.clear()
            element.clear()
    if not {"BkToCstmrStmt", "Stmt"} <= found:
        raise NotThisFormat(format="camt.053")


def _statement(stmt: Element, days: list[date]) -> ReadStatement:
    balances = [_balance(one) for one in _all(stmt, "Bal")]
    opening = next((one for one in balances if one[0] in _OPENING), None)
    closing = next((one for one in balances if one[0] in _CLOSING), None)
    days = days + [one[1] for one in (closing,) if one]
    days += [day for name in ("FrDtTm", "ToDtTm") if (day := _day_of(stmt, "FrToDt", name))]
    if opening and not days:
        days = [opening[1]]
    if not days:
        raise StatementEndsTooEarly(line=1)
    account = _text(stmt, "Acct", "Id", "IBAN") or _text(stmt, "Acct", "Id", "Othr", "Id")
    currency = _text(stmt, "Acct", "Ccy") or (opening[3] if opening else "")
    return ReadStatement(
        from_on=min(days),
        to_on=max(days),
        account=account,
        currency=currency,
        reference=(_text(stmt, "ElctrncSeqNb") or _text(stmt, "Id"))[:64],
        opening=opening[2] if opening and closing else None,
        closing=closing[2] if opening and closing else None,
    )


def _balance(bal: Element) -> tuple[str, date, Decimal, str]:
    amount = _child(bal, "Amt")
    day = _day_of(bal, "Dt", "Dt") or _day_of(bal, "Dt", "DtTm")
    if amount is None or day is None:
        raise BrokenStatement(line=1, text="Bal")
    value = parse_amount(amount.text or "", 1, column="Bal/Amt")
    signed = value if _text(bal, "CdtDbtInd") == "CRDT" else -value
    code = _text(bal, "Tp", "CdOrPrtry", "Cd")
    return code, day, signed or Decimal(0), amount.get("Ccy", "")


def _lines(entry: Element, place: int) -> list[ReadLine]:
    status = _text(entry, "Sts") or _text(entry, "Sts", "Cd")
    if status not in {"BOOK", ""}:
        return []
    amount = _signed(entry, place)
    day = next(
        filter(None, (_day_of(entry, "BookgDt", name, line=place) for name in ("Dt", "DtTm"))),
        None,
    )
    if day is None:
        raise BadDay(line=place, column="BookgDt", text=_text(entry, "BookgDt"))
    details = [one for group in _all(entry, "NtryDtls") for one in _all(group, "TxDtls")]
    side = _text(entry, "CdtDbtInd")
    parts = [_signed(one, place, side) for one in details if _child(one, "Amt") is not None]
    if len(details) > 1 and len(parts) == len(details) and sum(parts) == amount:
        return [
            _line(entry, one, place, (day, part))
            for one, part in zip(details, parts, strict=True)
        ]
    # An entry of several payments that tell no amounts has no one reference.
    single = details[0] if len(details) == 1 else None
    return [_line(entry, single, place, (day, amount))]


def _line(
    entry: Element, details: Element | None, place: int, booked: tuple[date, Decimal]
) -> ReadLine:
    day, amount = booked
    side, account = ("Dbtr", "DbtrAcct") if amount > 0 else ("Cdtr", "CdtrAcct")
    tx = details if details is not None else entry
    end_to_end = _text(tx, "Refs", "EndToEndId")
    reference = "" if end_to_end in _NONE else end_to_end
    texts = [one.text or "" for info in _all(tx, "RmtInf") for one in _all(info, "Ustrd")]
    name = _text(tx, "RltdPties", side, "Nm") or _text(tx, "RltdPties", side, "Pty", "Nm")
    return ReadLine(
        place,
        day,
        amount,
        reference=(reference or _text(tx, "Refs", "InstrId"))[:140],
        partner_reference=(
            _text(tx, "Refs", "AcctSvcrRef")
            or _text(entry, "AcctSvcrRef")
            or _text(entry, "NtryRef")
        )[:140],
        batch=_text(entry, "NtryDtls", "Btch", "PmtInfId")[:140],
        kind=_text(entry, "BkTxCd", "Prtry", "Cd")[:60],
        counterparty=name[:200],
        counter_account=_text(tx, "RltdPties", account, "Id", "IBAN")[:64],
        text=" ".join(" ".join(texts or [_text(entry, "AddtlNtryInf")]).split())[:1000],
        value_on=_day_of(entry, "ValDt", "Dt", line=place),
    )


def _signed(element: Element, place: int, default: str = "") -> Decimal:
    value = parse_amount(_text(element, "Amt"), place, column=f"{_local(element)}/Amt")
    side = _text(element, "CdtDbtInd") or default
    if side not in {"CRDT", "DBIT"}:
        raise BrokenStatement(line=place, text="CdtDbtInd")
    return (value if side == "CRDT" else -value) or Decimal(0)


def _day_of(element: Element, *path: str, line: int = 1) -> date | None:
    text = _text(element, *path)
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError as error:
        raise BadDay(line=line, column="/".join(path), text=text[:60]) from error


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _all(element: Element, name: str) -> list[Element]:
    return [child for child in element if _local(child) == name]


def _child(element: Element, name: str) -> Element | None:
    return next((child for child in element if _local(child) == name), None)


def _text(element: Element, *path: str) -> str:
    found: Element | None = element
    for name in path:
        found = _child(found, name) if found is not None else None
    return (found.text or "").strip() if found is not None else ""
