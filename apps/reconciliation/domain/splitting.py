"""The arithmetic of splitting: amounts that stand for the amount of one row, exactly."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

FEWEST_PARTS, MOST_PARTS = 2, 50


def remainder(whole: Decimal, parts: Sequence[Decimal]) -> Decimal:
    """Return what parts leave of a row."""
    return whole - sum(parts, start=Decimal(0))


def wrong_part(whole: Decimal, parts: Sequence[Decimal], digits: int) -> int | None:
    """Return the place, from 1, of the first part that can be none of the row.

    A part has the row's sign, is not zero, and has no more decimals than its currency.
    """
    unit = Decimal(1).scaleb(-digits)
    for position, part in enumerate(parts, start=1):
        if part * whole <= 0 or part % unit != 0:
            return position
    return None
