"""What a revaluation would post, row by row, before anybody posts it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from apps.core.errors import FinanceError
from apps.ledgers.models import Account, DimensionSet
from apps.ledgers.services.closing.revaluation import planned_revaluation, written

if TYPE_CHECKING:
    from decimal import Decimal

    from apps.fx.services.lookup import RateUsed
    from apps.ledgers.models import Period
    from apps.ledgers.services.closing.revaluation import Difference

MOST_ROWS = 200


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """A balance as it is carried, and as it would be; amounts are debit positive."""

    account: Account
    dimensions: str
    currency: str
    amount: Decimal
    carried: Decimal
    rate: RateUsed | None
    delta: Decimal

    @property
    def rate_text(self) -> str:
        """The rate as people write it, "" where the balance is nil."""
        return written(self.rate) if self.rate else ""

    @property
    def target(self) -> Decimal:
        """What it would be carried at."""
        return self.carried + self.delta


@dataclass(frozen=True, slots=True)
class Preview:
    """The rows, the first of them where there are many, and what all of them gain."""

    rows: tuple[PreviewRow, ...]
    total: Decimal
    hidden: int


def preview_revaluation(period: Period) -> Preview | None:
    """Return what a revaluation would post now; None where a rate is missing."""
    try:
        plan = planned_revaluation(period)
    except FinanceError:
        return None
    shown = plan.differences[:MOST_ROWS]
    accounts = Account.objects.in_bulk({one.balance.account_id for one in shown})
    sets = DimensionSet.objects.in_bulk(
        {one.balance.dimension_set_id for one in shown if one.balance.dimension_set_id}
    )
    rows = tuple(_row(one, accounts, sets) for one in shown)
    return Preview(rows, plan.total, len(plan.differences) - len(rows))


def _row(
    one: Difference, accounts: dict[int, Account], sets: dict[int, DimensionSet]
) -> PreviewRow:
    balance = one.balance
    dimensions = sets.get(balance.dimension_set_id or 0)
    return PreviewRow(
        account=accounts[balance.account_id],
        dimensions=dimensions.label if dimensions else "",
        currency=balance.currency,
        amount=balance.amount,
        carried=balance.base_amount,
        rate=one.rate,
        delta=one.delta,
    )
