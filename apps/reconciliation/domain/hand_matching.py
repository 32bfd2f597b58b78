"""Rows that a person puts together: what they differ by, and what they are called."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from apps.reconciliation.domain.buckets import Side
from apps.reconciliation.domain.rules import Kind, Rules


@dataclass(frozen=True, slots=True)
class Picked:
    """A row that was chosen; the amount is signed, money in and debit positive."""

    side: Side
    item_id: int
    amount: Decimal
    currency: str


def difference(rows: Collection[Picked]) -> Decimal:
    """Return what the statement has more than the books."""
    return sum(
        (-row.amount if row.side == Side.BOOK else row.amount for row in rows),
        start=Decimal(0),
    )


def group_name(rows: Collection[Picked]) -> int:
    """Return the key of the group: the lowest of the books, or minus the lowest statement."""
    ours = [row.item_id for row in rows if row.side == Side.BOOK]
    return min(ours) if ours else -min(row.item_id for row in rows)


def allowed_difference(rows: Sequence[Picked], rules: Rules, digits: int) -> Decimal:
    """Return by how much both sides may differ: what a pass with a tolerance allows.

    Rows of one side alone, such as an amount and its return, come to nothing or do not match.
    """
    ours = [row for row in rows if row.side == Side.BOOK]
    if not 0 < len(ours) < len(rows):
        return Decimal(0)
    minor = int(sum((row.amount for row in ours), start=Decimal(0)).scaleb(digits))
    steps = [step for step in rules.passes if step.kind in {Kind.TOLERANCE, Kind.GROUP}]
    most = max((step.allowed(minor) for step in steps), default=0)
    return Decimal(most).scaleb(-digits)
