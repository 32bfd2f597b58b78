"""Rates for tests."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from apps.fx.models import ExchangeRate, RateState
from apps.fx.services.rates import NewRate, confirm_rate, enter_rate
from apps.organizations.models import Organization
from apps.organizations.permissions import Role
from tests.factories import DAY, make_system_user, make_user


def make_published(
    pair: str, rate: str, *, on: date = DAY, per: int = 1, **values: Any
) -> ExchangeRate:
    """Return a rate that serves all organizations, `pair` like EUR/CNY."""
    one, other = pair.split("/")
    return ExchangeRate.create_versioned(
        actor=make_system_user(),
        rate_type=values.pop("rate_type", "spot"),
        from_currency=one,
        to_currency=other,
        rate=Decimal(rate),
        per=per,
        valid_from=on,
        source=values.pop("source", "ecb"),
        state=RateState.CONFIRMED,
        **values,
    )


def make_waiting(
    organization: Organization, pair: str, rate: str, *, on: date = DAY, **values: Any
) -> ExchangeRate:
    """Return a rate of an organization that waits for a second person."""
    one, other = pair.split("/")
    new = NewRate(values.pop("rate_type", "spot"), one, other, Decimal(rate), on, **values)
    return enter_rate(new, actor=make_user(organization, Role.TREASURY))


def make_own(
    organization: Organization, pair: str, rate: str, *, on: date = DAY, **values: Any
) -> ExchangeRate:
    """Return a confirmed rate of an organization."""
    waiting = make_waiting(organization, pair, rate, on=on, **values)
    checker = make_user(organization, Role.SENIOR_ACCOUNTANT)
    return confirm_rate(waiting, version=waiting.version, actor=checker)
