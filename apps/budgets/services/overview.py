"""How much of budgets is spent, reserved and left, as pages show it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal

    from apps.budgets.models import Budget

# A bar is so many units wide.
WIDTH = 1000


@dataclass(frozen=True, slots=True)
class BudgetState:
    """A budget with what is left of it, which is negative where it is overspent.

    `spent_width` and `reserved_width` are parts of a bar of WIDTH, never beyond its end.
    """

    budget: Budget
    spent: Decimal
    reserved: Decimal
    left: Decimal
    percent: int
    spent_width: int
    reserved_width: int

    @property
    def is_over(self) -> bool:
        """Whether more is taken than there is."""
        return self.left < 0


def state_of(budget: Budget) -> BudgetState:
    """Return how a budget stands; its total was fetched with it."""
    spent, reserved = budget.total.spent, budget.total.reserved
    taken = spent + reserved
    spent_end, taken_end = (_place(one, budget.amount) for one in (spent, taken))
    return BudgetState(
        budget=budget,
        spent=spent,
        reserved=reserved,
        left=budget.amount - taken,
        percent=int(taken * 100 / budget.amount),
        spent_width=spent_end,
        reserved_width=taken_end - spent_end,
    )


def states_of(budgets: Iterable[Budget]) -> list[BudgetState]:
    """Return how budgets stand, in their order."""
    return [state_of(budget) for budget in budgets]


def _place(amount: Decimal, whole: Decimal) -> int:
    return max(0, min(WIDTH, int(amount * WIDTH / whole)))
