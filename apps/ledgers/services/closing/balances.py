"""Balances as the steps of a close read them: up to the end of a period, never from lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection

from apps.ledgers.models import Period

_BALANCES = """
SELECT b.account_id, a.code, a.statement_section, b.dimension_set_id, b.currency_id, b.amount,
  b.base_amount
FROM ledgers_balances_through(%(period)s) b
JOIN ledgers_account a ON a.id = b.account_id
WHERE (b.amount <> 0 OR b.base_amount <> 0) AND {condition}
ORDER BY a.code, b.dimension_set_id NULLS FIRST, b.currency_id
"""
FOREIGN = "a.is_revalued AND b.currency_id <> %(base_currency)s"
PROFIT_AND_LOSS = "a.account_class = 'profit_loss'"
ONE_ACCOUNT = "b.account_id = %(account)s"


@dataclass(frozen=True, slots=True)
class Balance:
    """What an account, dimension set and currency come to; debit positive."""

    account_id: int
    code: str
    section: str
    dimension_set_id: int | None
    currency: str
    amount: Decimal
    base_amount: Decimal


def balances_through(period: Period, condition: str, **values: Any) -> Iterator[Balance]:
    """Yield the balances at the end of a period that are not nil, in the order of codes."""
    with connection.cursor() as cursor:
        cursor.execute(_BALANCES.format(condition=condition), {"period": period.pk, **values})
        yield from (Balance(*row) for row in cursor.fetchall())
