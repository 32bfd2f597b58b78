"""What may belong to a row, and why: each point of the score has a reason that one can check.

    same amount 50 · same day 20, less by the day · references alike up to 30

Nothing of it decides: a person does.
"""

from __future__ import annotations

from dataclasses import dataclass

from apps.reconciliation.domain.items import Item
from apps.reconciliation.domain.suggestions import similarity

_AMOUNT, _DAY, _LIKENESS = 50, 20, 30
_NEAR_AMOUNT = 25
# Of a thousand: what still counts as nearly the same amount.
_NEAR_PER_MILLE = 20
_WHOLE = 1_000
_LIKE_ENOUGH = 60
LEAST_SCORE = 20


@dataclass(frozen=True, slots=True)
class Reasons:
    """How alike two rows are: amounts in minor units, days, and words of 100."""

    difference: int
    days: int
    likeness: int

    @property
    def score(self) -> int:
        """Points of 100."""
        points = max(_DAY - self.days, 0)
        if self.likeness >= _LIKE_ENOUGH:
            points += self.likeness * _LIKENESS // 100
        return points + self._amount_points

    is_near: bool = False

    @property
    def _amount_points(self) -> int:
        if self.difference == 0:
            return _AMOUNT
        return _NEAR_AMOUNT if self.is_near else 0


def compare(ours: Item, theirs: Item) -> Reasons:
    """Return how a row of the books and one of a statement, of one currency, compare."""
    difference = theirs.amount - ours.amount
    larger = max(abs(ours.amount), abs(theirs.amount))
    return Reasons(
        difference=difference,
        days=abs((theirs.on - ours.on).days),
        likeness=similarity(ours, theirs),
        is_near=abs(difference) * _WHOLE <= larger * _NEAR_PER_MILLE,
    )
