"""Amounts and days as banks write them, exactly.

    1,234.56   1.234,56   1 234,56   (12.00)   12.00-   ¥12   －12

A text that could be two amounts is read by the decimal sign that the whole file shows.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from apps.core.tabular import UnreadableDate, parse_date_text
from apps.statements.errors import BadAmount, BadDay

_SIGNS = str.maketrans({"−": "-", "–": "-", "￥": "", "¥": "", "$": "", "€": "", "£": ""})
_SPACES = re.compile(r"[\s'’_]")
_NUMBER = {
    ".": re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d*)?"),
    ",": re.compile(r"[+-]?(?:\d{1,3}(?:\.\d{3})+|\d+)?(?:,\d*)?"),
}
_LONGEST = 30
_NOT_THOUSANDS = re.compile(r"([.,])(\d*)$")
_GROUP = 3


def decimal_sign(texts: Iterable[str]) -> str:
    """Return the decimal sign that the amounts of a file show; a point where none shows one."""
    for text in texts:
        bare = text.strip().rstrip("-) ")
        found = _NOT_THOUSANDS.search(bare)
        if not found:
            continue
        sign, digits = found.groups()
        other = "," if sign == "." else "."
        if other in bare or (len(digits) != _GROUP and bare.count(sign) == 1):
            return sign
    return "."


def parse_amount(text: str, line: int, sign: str = ".", column: str = "") -> Decimal:
    """Return an amount; zero is never negative. `column` is where it stands, for a refusal.

    Raises:
        BadAmount: the text is no amount with that decimal sign.
    """
    bare = unicodedata.normalize("NFKC", text).translate(_SIGNS)
    bare = _SPACES.sub("", bare)
    if bare.startswith("(") and bare.endswith(")"):
        bare = "-" + bare[1:-1]
    elif bare.endswith("-"):
        bare = "-" + bare[:-1]
    is_number = bare.isascii() and _NUMBER[sign].fullmatch(bare)
    if not is_number or len(bare) > _LONGEST or not any(map(str.isdecimal, bare)):
        raise BadAmount(line=line, column=column, text=text[:60])
    plain = bare.replace("." if sign == "," else ",", "").replace(",", ".")
    return Decimal(plain) or Decimal(0)


class Days:
    """Reads days; the same text is read once, since a file has few days and many lines."""

    def __init__(self, pattern: str = "") -> None:
        """Take a `strptime` pattern, or "" for the usual ways to write a day."""
        self.pattern = pattern
        self.known: dict[str, date] = {}

    def read(self, text: str, line: int, column: str = "") -> date:
        """Return a day; the time behind it is left out. `column` is where it stands.

        Raises:
            BadDay: the text is none.
        """
        found = self.known.get(text)
        if found is None:
            found = self.known[text] = self._parsed(text, line, column)
        return found

    def _parsed(self, text: str, line: int, column: str) -> date:
        try:
            if self.pattern:
                return datetime.strptime(text, self.pattern).date()  # noqa: DTZ007  (a day)
            return parse_date_text(re.split(r"[ T]", text.strip())[0])
        except (ValueError, UnreadableDate) as error:
            raise BadDay(line=line, column=column, text=text[:60]) from error
