"""Rows to match, written shortly."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from apps.reconciliation.domain.items import Item, Placed
from apps.reconciliation.domain.matcher import match
from apps.reconciliation.domain.references import normalise
from apps.reconciliation.domain.rules import DEFAULT_PASSES, Rules, read_rules

D = date(2026, 10, 1)
CONFIRMING = read_rules(DEFAULT_PASSES[:7])
DEFAULT = read_rules(DEFAULT_PASSES)


def row(pk: int, reference: str, amount: str, days: int = 0, **values: Any) -> Item:
    """Return a row of an amount in a currency of two digits."""
    values = {"currency": "CNY"} | values
    minor = int(Decimal(amount.replace(",", "")) * 100)
    return Item(pk, normalise(reference), amount=minor, on=D + timedelta(days), **values)


def buckets(placed: list[Placed]) -> dict[str, str]:
    """Return the buckets by a short name such as L1 or R2."""
    return {
        f"{'L' if item.side == 'book' else 'R'}{item.pk}": item.bucket.value for item in placed
    }


def found(left: list[Item], right: list[Item], rules: Rules = CONFIRMING) -> dict[str, str]:
    """Return the buckets that the reference matcher finds."""
    return buckets(match(left, right, rules))
