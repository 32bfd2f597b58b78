"""What people compare a rate with that waits for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.fx.errors import NoRate
from apps.fx.models import RateState
from apps.fx.services.lookup import find_rate

if TYPE_CHECKING:
    from decimal import Decimal

    from apps.fx.models import ExchangeRate
    from apps.fx.services.lookup import RateUsed


def known_without(rate: ExchangeRate) -> RateUsed | None:
    """Return what a look-up of its day finds without a rate that waits; None: nothing."""
    if rate.state != RateState.WAITING or rate.organization is None:
        return None
    try:
        return find_rate(
            rate.organization,
            rate.from_currency,
            rate.to_currency,
            on=rate.valid_from,
            rate_type=rate.rate_type,
        )
    except NoRate:
        return None


def change_from(known: RateUsed, rate: ExchangeRate) -> Decimal:
    """Return by how many per cent a rate differs from what is known."""
    was, becomes = known.rate / known.per, rate.rate / rate.per
    return (becomes - was) * 100 / was
