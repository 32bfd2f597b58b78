"""Setting open items against each other: what is relieved of each, what is gained or lost.

    receivable +10,000.00 USD carried at 71,000.00     part 10,000.00 → relieves 71,000.00
    receipt    −10,000.00 USD carried at −71,800.00    part 10,000.00 → relieves −71,800.00
                                                       gain 800.00

Relieved is in proportion to what is left (`carrying × part / open`, rounded), and the last
part takes the rest, so that nothing stays behind. Gains are positive, in the base currency.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from apps.core.rounding import RoundingMode, convert_amount
from apps.ledgers.item_errors import ItemsDoNotBalance, PartIsTooLarge


@dataclass(frozen=True, slots=True)
class ItemPart:
    """An item and the part of it that is settled; `part` is positive."""

    item_id: int
    dimension_set_id: int | None
    open_amount: Decimal
    carrying_base: Decimal
    part: Decimal


@dataclass(frozen=True, slots=True)
class Movement:
    """What an item loses: signed like nothing but itself, so a receivable's is negative."""

    item_id: int
    dimension_set_id: int | None
    amount: Decimal
    base_amount: Decimal


@dataclass(frozen=True, slots=True)
class SettlementPlan:
    """Movements by item, the amount settled, and the gain (a loss is negative)."""

    movements: tuple[Movement, ...]
    amount: Decimal
    gain: Decimal

    @property
    def base_amount(self) -> Decimal:
        """Return how large it is in the base currency: the larger of its two sides."""
        bases = [move.base_amount for move in self.movements]
        debits = sum((base for base in bases if base > 0), start=Decimal(0))
        return max(debits, debits - sum(bases, start=Decimal(0)))

    def by_dimensions(self) -> dict[int | None, tuple[Decimal, Decimal]]:
        """Return amount and base amount that each combination of dimensions is moved by."""
        sums: dict[int | None, tuple[Decimal, Decimal]] = {}
        for move in self.movements:
            amount, base = sums.get(move.dimension_set_id, (Decimal(0), Decimal(0)))
            sums[move.dimension_set_id] = (amount + move.amount, base + move.base_amount)
        return {key: pair for key, pair in sums.items() if any(pair)}


def plan_settlement(
    parts: Sequence[ItemPart],
    *,
    base_currency: str,
    mode: RoundingMode = RoundingMode.HALF_UP,
) -> SettlementPlan:
    """Return what settling the parts moves.

    Raises:
        PartIsTooLarge: a part is not positive, or more than what is open.
        ItemsDoNotBalance: the parts of both sides differ; nothing is settled by a tolerance.
    """
    movements = tuple(_movement(part, base_currency, mode) for part in parts)
    difference = sum((move.amount for move in movements), start=Decimal(0))
    amount = sum((move.amount for move in movements if move.amount > 0), start=Decimal(0))
    if difference or not amount:
        raise ItemsDoNotBalance(difference=abs(difference))
    gain = sum((move.base_amount for move in movements), start=Decimal(0))
    return SettlementPlan(movements, amount, gain)


def relieved(part: ItemPart, base_currency: str, mode: RoundingMode) -> Decimal:
    """Return the base amount that a part relieves, signed like the item's carrying amount."""
    left = abs(part.open_amount)
    if part.part == left:
        return part.carrying_base
    # One multiplication, one division, one rounding: the shape of a conversion.
    return convert_amount(
        part.carrying_base, rate=part.part, per=left, currency=base_currency, mode=mode
    )


def _movement(part: ItemPart, base_currency: str, mode: RoundingMode) -> Movement:
    if not 0 < part.part <= abs(part.open_amount):
        raise PartIsTooLarge(open=abs(part.open_amount))
    sign = 1 if part.open_amount > 0 else -1
    return Movement(
        part.item_id,
        part.dimension_set_id,
        -sign * part.part,
        -relieved(part, base_currency, mode),
    )
