"""Money as exact decimals with an ISO 4217 code.

Amounts are `Decimal` in major units (yuan, not fen). How many decimals a currency has
comes from the Unicode CLDR through Babel, never from the digits that somebody typed.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache

from babel.core import get_global

from apps.core.errors import InvalidAmount, UnknownCurrency

# Fifteen digits before the point fit numeric(20,4) with room for sums of millions of lines.
_AMOUNT = re.compile(
    r"^(?P<sign>-?)(?P<whole>\d{1,15}|\d{1,3}(?:,\d{3}){1,4})(?:\.(?P<part>\d+))?$", re.ASCII
)
_PARENTHESES = re.compile(r"^\((?P<inside>[^()-]+)\)$")

# ISO 4217 gives CLF four digits; CLDR, which serves display, agrees, and it differs from
# ISO only where cash is rounded coarser than the accounts.
_ISO_DIGITS = {"AFN": 2, "ALL": 2, "COP": 2, "HUF": 2, "IDR": 2, "IRR": 2, "IQD": 3, "KPW": 2,
               "LAK": 2, "LBP": 2, "MGA": 2, "MMK": 2, "PKR": 2, "RSD": 2, "SLL": 2, "SOS": 2,
               "SYP": 2, "TZS": 2, "UZS": 2, "YER": 2, "AMD": 2, "CRC": 2, "CZK": 2, "GYD": 2,
               "MNT": 2, "MUR": 2, "NOK": 2, "SEK": 2, "TWD": 2}  # fmt: skip


@cache
def known_currencies() -> frozenset[str]:
    """Return the ISO 4217 codes that are legal tender somewhere today."""
    territories = get_global("territory_currencies")
    in_use = {
        code
        for history in territories.values()
        for code, _start, end, is_tender in history
        if end is None and is_tender
    }
    return frozenset(in_use | {"CLF"})


@cache
def minor_digits(currency: str) -> int:
    """Return how many decimals the currency has: JPY 0, CNY 2, KWD 3, CLF 4 (ISO 4217).

    Raises:
        UnknownCurrency: the code is not one of ISO 4217.
    """
    if currency not in known_currencies():
        raise UnknownCurrency(currency=currency)
    if currency in _ISO_DIGITS:
        return _ISO_DIGITS[currency]
    fractions = get_global("currency_fractions")
    return int(fractions.get(currency, fractions["DEFAULT"])[0])


def has_scale_of(amount: Decimal, currency: str) -> bool:
    """Say whether the amount has no more decimals than its currency."""
    return amount == amount.quantize(Decimal(1).scaleb(-minor_digits(currency)))


def parse_amount(text: str, currency: str) -> Decimal:
    """Read an amount that a person or a file wrote: `1,234.56`, `-5`, `(5.00)`.

    Only ASCII digits count; thousands separators must stand where they belong.

    Raises:
        InvalidAmount: anything else, among it NaN, exponents and too many decimals.
        UnknownCurrency: the currency is not known.
    """
    digits = minor_digits(currency)
    shown = text.strip()
    in_parentheses = _PARENTHESES.match(shown)
    match = _AMOUNT.match(in_parentheses["inside"] if in_parentheses else shown)
    if match is None or len((match["part"] or "").rstrip("0")) > digits:
        raise InvalidAmount(text=text[:40], digits=digits, currency=currency)
    number = Decimal(f"{match['whole'].replace(',', '')}.{match['part'] or '0'}")
    negative = bool(match["sign"]) or in_parentheses is not None
    quantized = number.quantize(Decimal(1).scaleb(-digits))
    return -quantized if negative and number else quantized
