"""Read the reference rates as the European Central Bank publishes them.

    Date,USD,JPY,…,                      the history: CSV, or a ZIP with that CSV inside
    2026-10-30,1.1172,175.68,…,

    <Cube time="2026-10-30"><Cube currency="USD" rate="1.1172"/>…     a day: XML

One euro is worth the figure. `N/A` is a day on which a currency had none. Rows end with a
comma, like their headings do, so a file that was cut off in a row is known by its missing
cells. Every value is checked before any is given out: a file is read whole or refused with
its line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from xml.etree.ElementTree import Element, ParseError

from babel.core import get_global
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from apps.fx.errors import BrokenRates

BASE = "EUR"
NOT_AVAILABLE = {"N/A", ""}
_FIGURE = re.compile(r"\d{1,10}(?:\.\d{1,10})?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DATE_HEADING = "Date"


@dataclass(frozen=True, slots=True)
class PublishedRate:
    """One euro was worth `rate` units of `currency` on `day`."""

    day: date
    currency: str
    rate: Decimal


def read_rates(text: str, *, today: date) -> list[PublishedRate]:
    """Return every rate of a file, in its order.

    Raises:
        BrokenRates: it cannot be read, with the line and what is wrong there.
    """
    if text.lstrip().startswith("<"):
        return list(_checked_days(_read_xml(text), today))
    return list(_checked_days(_read_csv(text), today))


def _checked_days(
    rows: Iterator[tuple[int, date, list[PublishedRate]]], today: date
) -> Iterator[PublishedRate]:
    seen: set[date] = set()
    for line, day, rates in rows:
        if day in seen:
            raise BrokenRates(line=line, text=day.isoformat(), problem="repeated_day")
        if day > today:
            raise BrokenRates(line=line, text=day.isoformat(), problem="future_day")
        seen.add(day)
        yield from rates
    if not seen:
        raise BrokenRates(line=1, text="", problem="no_days")


def _read_csv(text: str) -> Iterator[tuple[int, date, list[PublishedRate]]]:
    lines = text.split("\n")
    if lines[-1].strip():
        raise BrokenRates(line=len(lines), text=lines[-1], problem="cut_off")
    headings = [cell.strip() for cell in lines[0].split(",")]
    currencies = _currencies_of(headings)
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        cells = [cell.strip() for cell in line.split(",")]
        if len(cells) != len(headings):
            raise BrokenRates(line=number, text=line, problem="cell_count")
        day = _day(cells[0], number)
        yield (
            number,
            day,
            [
                PublishedRate(day, currency, _figure(cell, number))
                for currency, cell in zip(currencies, cells[1:], strict=False)
                if cell not in NOT_AVAILABLE
            ],
        )


def _currencies_of(headings: list[str]) -> list[str]:
    """Return the currencies of the columns; a last heading may be empty."""
    codes = headings[1:-1] if headings[-1] == "" else headings[1:]
    if headings[0].lstrip("\ufeff") != _DATE_HEADING or not codes:
        raise BrokenRates(line=1, text=headings[0], problem="headings")
    for code in codes:
        _check_currency(code, 1)
    if len(set(codes)) != len(codes):
        raise BrokenRates(line=1, text=",".join(codes), problem="headings")
    return codes


def _read_xml(text: str) -> Iterator[tuple[int, date, list[PublishedRate]]]:
    try:
        root = fromstring(text, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        line = error.position[0] if isinstance(error, ParseError) else 1
        raise BrokenRates(line=line, text="", problem="xml") from error
    days = (cube for cube in root.iter() if _is_cube(cube) and "time" in cube.attrib)
    for number, cube in enumerate(days, start=1):
        day = _day(cube.attrib["time"], number)
        yield number, day, [_read_cube(day, rate, number) for rate in cube if _is_cube(rate)]


def _read_cube(day: date, cube: Element, number: int) -> PublishedRate:
    currency = cube.attrib.get("currency", "")
    _check_currency(currency, number)
    return PublishedRate(day, currency, _figure(cube.attrib.get("rate", ""), number))


def _is_cube(element: Element) -> bool:
    return element.tag.rsplit("}", 1)[-1] == "Cube"


def _day(text: str, line: int) -> date:
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise BrokenRates(line=line, text=text, problem="date")


def _figure(text: str, line: int) -> Decimal:
    if _FIGURE.fullmatch(text):
        figure = Decimal(text)
        if figure:
            return figure
    raise BrokenRates(line=line, text=text, problem="figure")


def _check_currency(code: str, line: int) -> None:
    """Refuse what ISO 4217 never knew; currencies of the past are rates of the past."""
    if code not in get_global("all_currencies") or code == BASE:
        raise BrokenRates(line=line, text=code, problem="currency")
