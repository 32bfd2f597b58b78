"""Telling that rates are in use: one event for each rate, or for each pair of a whole file.

A file may bring rates of twenty-five years; who hears of it asks for the days that matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db.models import Max, Min

from apps.events.services.outbox import NewEvent, emit, emit_many
from apps.events.words import Topic
from apps.fx.models import ExchangeRate

if TYPE_CHECKING:
    from apps.fx.models import RateImport


def tell_of_rates(rates: Sequence[ExchangeRate]) -> None:
    """Write an event for each rate, in the running transaction."""
    emit_many([_event(rate, {"rate": str(rate.rate), "rate_id": rate.pk}) for rate in rates])


def tell_of_import(rate_import: RateImport, currency: str, count: int) -> None:
    """Write one event for all rates to a currency that came with a file."""
    rates = ExchangeRate.objects.filter(rate_import=rate_import, to_currency=currency)
    days = rates.aggregate(first=Min("valid_from"), last=Max("valid_from"))
    newest = rates.order_by("-valid_from", "-revision")[0]
    first = days["first"].isoformat()
    facts = {"count": count, "first_valid_from": first, "rate_import_id": rate_import.pk}
    emit(_event(newest, facts | {"rate": str(newest.rate), "rate_id": newest.pk}))


def _event(rate: ExchangeRate, facts: dict[str, Any]) -> NewEvent:
    pair = f"{rate.from_currency}/{rate.to_currency}"
    body = {
        "from_currency": rate.from_currency,
        "per": rate.per,
        "rate_type": rate.rate_type,
        "revision": rate.revision,
        "source": rate.source,
        "to_currency": rate.to_currency,
        "valid_from": rate.valid_from.isoformat(),
    }
    return NewEvent(Topic.RATE_CONFIRMED, f"rate:{pair}", rate.organization_id, body | facts)
