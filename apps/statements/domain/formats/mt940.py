"""MT940: blocks of tags, one for each statement of an account.

The library reads a statement line (:61:) and a balance; the blocks are cut here, because it
merges accounts, drops references beside a structured :86: and proves no balance.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from mt940.models import Transactions
from mt940.tags import OpeningBalance, Statement

from apps.statements.domain.amounts import parse_amount
from apps.statements.domain.values import ReadLine, ReadStatement
from apps.statements.errors import (
    BadAmount,
    BadDay,
    BrokenStatement,
    NotThisFormat,
    StatementEndsTooEarly,
)

_TAG = re.compile(r":(\d{2}[A-Z]?):(.*)", re.DOTALL)
_HEAD = re.compile(r"\d{6}(?:\d{4}|    )?R?[DC][A-Z]?\n? ?[\d,]{1,15}(?:[A-Z][A-Z0-9 ]{3})?")
_STRUCTURED = re.compile(r"\s*\d{3}([?<>~])\d\d")
_SINGLE = ("20", "25", "28", "28C", "60F", "60M", "62F", "62M")
# The reference of a payment from end to end, else the one of who ordered it.
_REFERENCES = tuple(
    re.compile(rf"(?:{word}[+:]\s*|/{word}/)([^/?]+?)(?=[A-Z]{{4}}[+:]|/|$)")
    for word in ("EREF", "KREF")
)
# "KREF+" says that the reference stands in :86:.
_NO_REFERENCE = {"", "NONREF", "NOTPROVIDED", "KREF+", "EREF+"}
_CENTURY = 80
# How the kind of a transaction begins, which follows the amount.
_KINDS = "NFS"
_NOBODY = Transactions()
logging.getLogger("mt940").setLevel(logging.CRITICAL)


@dataclass(slots=True)
class _Tag:
    name: str
    line: int
    text: str

    @property
    def field(self) -> str:
        return f":{self.name}:"


@dataclass(slots=True)
class _Block:
    tags: list[_Tag] = field(default_factory=list)
    is_closed: bool = False

    def one(self, *names: str) -> _Tag | None:
        return next((tag for tag in self.tags if tag.name in names), None)


def read_mt940(text: str) -> list[ReadStatement]:
    """Return the statements of a file.

    Raises:
        BrokenStatement: or one of its subclasses, each names the line.
    """
    blocks = _blocks(text)
    if not blocks:
        raise NotThisFormat(format="MT940")
    return [_statement(block) for block in blocks]


def _blocks(text: str) -> list[_Block]:
    blocks: list[_Block] = []
    is_open = False
    for number, row in enumerate(text.splitlines(), start=1):
        found = _TAG.match(row)
        if found and found[1] == "20":
            blocks.append(_Block())
            is_open = True
        if not is_open:
            continue
        if row.startswith("-") and (len(row.strip()) == 1 or row.startswith(("-}", "-X"))):
            blocks[-1].is_closed, is_open = True, False
        elif found:
            blocks[-1].tags.append(_Tag(found[1], number, found[2]))
        elif blocks[-1].tags:
            blocks[-1].tags[-1].text += "\n" + row
    return blocks


def _statement(block: _Block) -> ReadStatement:
    seen: set[str] = set()
    for tag in block.tags:
        if tag.name in _SINGLE and tag.name in seen:
            raise BrokenStatement(line=tag.line, text=f":{tag.name}:{tag.text}"[:60])
        seen.add(tag.name)
    account, opening = block.one("25"), block.one("60F", "60M")
    closing = block.one("62F", "62M")
    if account is None or opening is None or closing is None:
        raise StatementEndsTooEarly(line=block.tags[-1].line)
    first = _balance(opening)
    last = _balance(closing)
    lines = _lines(block)
    days = [line.booked_on for line in lines]
    if first.currency != last.currency:
        raise BrokenStatement(line=closing.line, text=closing.text[:60])
    number = block.one("28C", "28")
    return ReadStatement(
        from_on=min(days, default=first.day),
        to_on=max([*days, last.day, first.day]),
        account=account.text.strip(),
        currency=first.currency,
        reference=number.text.strip()[:64] if number else "",
        opening=first.amount,
        closing=last.amount,
        lines=lines,
    )


@dataclass(frozen=True, slots=True)
class _Balance:
    day: date
    currency: str
    amount: Decimal


def _balance(tag: _Tag) -> _Balance:
    try:
        found = OpeningBalance().parse(_NOBODY, tag.text.strip())
    except RuntimeError as error:
        raise BrokenStatement(line=tag.line, text=f"{tag.field}{tag.text}"[:60]) from error
    if not tag.text.strip().endswith(str(found["amount"])):
        # The library leaves out what follows, and half an amount is none.
        text = tag.text.strip().rpartition(str(found["currency"]))[2]
        raise BadAmount(line=tag.line, column=tag.field, text=text[:60])
    amount = parse_amount(str(found["amount"]), tag.line, ",", tag.field)
    signed = amount if found["status"] == "C" else -amount
    return _Balance(_day(found, tag), str(found["currency"]), signed or Decimal(0))


def _day(found: dict[str, str | None], tag: _Tag) -> date:
    year = int(found["year"] or 0)
    year += 2000 if year < _CENTURY else 1900
    try:
        return date(year, int(found["month"] or 0), int(found["day"] or 0))
    except ValueError as error:
        raise BadDay(line=tag.line, column=tag.field, text=tag.text[:6]) from error


def _lines(block: _Block) -> list[ReadLine]:
    lines: list[ReadLine] = []
    last: ReadLine | None = None
    for tag in block.tags:
        if tag.name == "61":
            last = _line(tag)
            lines.append(last)
        elif tag.name == "86" and last is not None:
            _describe(last, tag.text)
            last = None
        elif tag.name.startswith("6"):
            last = None
    return lines


def _line(tag: _Tag) -> ReadLine:
    try:
        found = Statement().parse(_NOBODY, tag.text.rstrip())
    except RuntimeError as error:
        raise BrokenStatement(line=tag.line, text=f"{tag.field}{tag.text}"[:60]) from error
    amount = parse_amount(str(found["amount"]), tag.line, ",", tag.field)
    if (found["id"] or "N")[0] not in _KINDS:
        raise BadAmount(line=tag.line, column=tag.field, text=f"{found['amount']}{found['id']}")
    # A reversed credit takes money away, a reversed debit gives it back.
    is_credit = found["status"] in {"C", "RD"}
    value_on = _day(found, tag)
    reference, partner = _references(tag.text)
    return ReadLine(
        tag.line,
        _entry_day(found, value_on, tag),
        (amount if is_credit else -amount) or Decimal(0),
        reference=reference,
        partner_reference=partner,
        kind=(found["id"] or "").strip(),
        text=" ".join(tag.text.partition("\n")[2].split())[:1000],
        value_on=value_on,
    )


def _references(text: str) -> tuple[str, str]:
    """Return the customer's and the bank's reference as they stand, however long."""
    head = _HEAD.match(text)
    rest = text[head.end() :].split("\n", maxsplit=1)[0] if head else ""
    own, _sep, partner = rest.partition("//")
    own = own.strip()
    return ("" if own in _NO_REFERENCE else own[:140]), partner.strip()[:140]


def _entry_day(found: dict[str, str | None], value_on: date, tag: _Tag) -> date:
    """Return the day of the entry, whose year is the one that is nearest to the value date."""
    month, day = (found["entry_month"] or "").strip(), (found["entry_day"] or "").strip()
    if not month:
        return value_on
    days = []
    for year in (value_on.year - 1, value_on.year, value_on.year + 1):
        try:
            days.append(date(year, int(month), int(day)))
        except ValueError:
            continue
    if not days:
        raise BadDay(line=tag.line, column=tag.field, text=tag.text[6:10])
    return min(days, key=lambda one: abs(one - value_on))


def _describe(line: ReadLine, text: str) -> None:
    """Add what :86: says; German and Polish banks divide it into fields."""
    found = _STRUCTURED.match(text)
    if not found:
        line.text = " ".join(f"{line.text} {text}".split())[:1000]
        line.reference = line.reference or _reference_in(text.replace("\n", ""))
        return
    parts = re.split(re.escape(found[1]) + r"(\d\d)", text.replace("\n", ""))
    fields = dict(zip(parts[1::2], (part.strip() for part in parts[2::2]), strict=True))
    purpose = "".join(value for key, value in sorted(fields.items()) if _is_purpose(key))
    line.text = " ".join(f"{fields.get('00', '')} {purpose} {line.text}".split())[:1000]
    line.counterparty = " ".join(f"{fields.get('32', '')}{fields.get('33', '')}".split())[:200]
    line.counter_account = fields.get("31", "")[:64]
    line.reference = line.reference or _reference_in(purpose)


def _reference_in(text: str) -> str:
    found = (one.search(text) for one in _REFERENCES)
    references = (one[1].strip() for one in found if one)
    return next((one[:140] for one in references if one not in _NO_REFERENCE), "")


def _is_purpose(key: str) -> bool:
    return "20" <= key <= "29" or "60" <= key <= "63"
