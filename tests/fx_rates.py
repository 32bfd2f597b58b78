"""Published rates for tests: confirmed at once, as an import of the operator makes them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from apps.fx.models import ExchangeRate
from tests.factories import DAY


def make_rate(
    currency: str, rate: str, *, to: str = "CNY", day: date = DAY, per: int = 1
) -> ExchangeRate:
    """Return a published spot rate."""
    return ExchangeRate.objects.create(
        rate_type="spot",
        from_currency=currency,
        to_currency=to,
        rate=Decimal(rate),
        per=per,
        valid_from=day,
        source="ecb",
        state="confirmed",
    )
