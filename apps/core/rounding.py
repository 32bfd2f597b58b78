"""Rounding and splitting of money, the only place where either happens.

Modes carry the names that finance policies use. Splitting hands out the remainder by
the largest-remainder method (Hamilton), ties by position, so that parts always add up.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Context, Decimal
from enum import StrEnum
from fractions import Fraction

from apps.core.money import minor_digits


class RoundingMode(StrEnum):
    """How the digit after the last kept one decides."""

    UP = "up"
    HALF_UP = "half_up"
    HALF_EVEN = "half_even"
    DOWN = "down"


_DECIMAL_MODES = {
    RoundingMode.UP: ROUND_UP,
    RoundingMode.HALF_UP: ROUND_HALF_UP,
    RoundingMode.HALF_EVEN: ROUND_HALF_EVEN,
    RoundingMode.DOWN: ROUND_DOWN,
}

# Wide enough for any product of numeric(20,4) and numeric(20,10).
_EXACT = Context(prec=60)
_RATE_DIGITS = 10


def round_amount(
    amount: Decimal, currency: str, mode: RoundingMode = RoundingMode.HALF_UP
) -> Decimal:
    """Round to the minor unit of the currency; −2.345 half up is −2.35 (away from zero)."""
    unit = Decimal(1).scaleb(-minor_digits(currency))
    return amount.quantize(unit, rounding=_DECIMAL_MODES[mode])


def split_amount(amount: Decimal, weights: Sequence[int], currency: str) -> list[Decimal]:
    """Split an amount in proportion to `weights`; the parts add up to it exactly.

    100.00 CNY by (1, 1, 1) gives 33.34, 33.33, 33.33.

    Raises:
        ValueError: there is no positive weight, a weight is negative, or the amount has
            more decimals than the currency.
    """
    total = sum(weights)
    unit = Decimal(1).scaleb(-minor_digits(currency))
    if total <= 0 or min(weights) < 0 or amount != amount.quantize(unit):
        raise ValueError(amount, weights, currency)
    sign = -1 if amount < 0 else 1
    units = int(abs(amount) / unit)
    floors = [units * weight // total for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(units * weights[i] % total), i))
    for index in by_remainder[: units - sum(floors)]:
        floors[index] += 1
    return [sign * part * unit for part in floors]


def convert_amount(
    amount: Decimal,
    *,
    rate: Decimal,
    per: int | Decimal,
    currency: str,
    mode: RoundingMode = RoundingMode.HALF_UP,
) -> Decimal:
    """Return `amount × rate ÷ per`, rounded once to the minor unit of `currency`.

    The product is exact before it is rounded: Python's default of 28 digits would round it
    a first time where both factors are long.
    """
    unit = Decimal(1).scaleb(-minor_digits(currency))
    product = _EXACT.multiply(amount, rate)
    if per != 1:
        product = _EXACT.divide(product, Decimal(per))
    return product.quantize(unit, rounding=_DECIMAL_MODES[mode], context=_EXACT)


def round_rate(worth: Fraction) -> Decimal:
    """Round an exact rate half up to the ten decimals that rates are kept with."""
    scaled = worth * 10**_RATE_DIGITS + Fraction(1, 2)
    return Decimal(scaled.numerator // scaled.denominator).scaleb(-_RATE_DIGITS, _EXACT)
