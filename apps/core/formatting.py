"""How amounts read on a screen: thousands separators, parentheses, never a lost digit."""

from __future__ import annotations

from decimal import Decimal

_ONE = Decimal(1)


def format_amount(amount: Decimal, digits: int) -> str:
    """Return the absolute amount with separators and at least `digits` decimals.

    An amount with more decimals than its currency shows them all: a screen that rounds
    would hide the very difference that somebody looks for.
    """
    size = abs(amount)
    if size != size.quantize(_ONE.scaleb(-digits)):
        digits = max(digits, -int(size.normalize().as_tuple().exponent))
    return f"{size:,.{digits}f}"


def format_signed(amount: Decimal, digits: int) -> str:
    """Return the amount as accountants write it: (1,234.50) below zero."""
    text = format_amount(amount, digits)
    return f"({text})" if amount < 0 else text


_RATE_DIGITS = 4


def format_rate(rate: Decimal) -> str:
    """Return an exchange rate with four decimals, or all that it has."""
    digits = -int(rate.normalize().as_tuple().exponent)
    return f"{rate:,.{max(digits, _RATE_DIGITS)}f}"
