"""Writes of rates that people enter: one enters, another confirms or rejects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from apps.core.errors import Forbidden, UnknownCurrency
from apps.core.money import known_currencies
from apps.core.operation import operation
from apps.fx.database_errors import refusals_in_words
from apps.fx.errors import OwnRate, RateIsDecided
from apps.fx.models import MANUAL, ExchangeRate, RateState
from apps.fx.services.lookup import rates as cache
from apps.organizations.access import require
from apps.organizations.models import User
from apps.organizations.permissions import Permission


@dataclass(frozen=True, slots=True)
class NewRate:
    """`per` units of `from_currency` are worth `rate` units of `to_currency`."""

    rate_type: str
    from_currency: str
    to_currency: str
    rate: Decimal
    valid_from: date
    per: int = 1
    note: str = ""


def enter_rate(new: NewRate, *, actor: User) -> ExchangeRate:
    """Enter a rate of the actor's organization; it waits for another person.

    A rate of the same place gets the next revision, whatever became of those before.

    Raises:
        Forbidden: the actor's roles do not allow it.
        UnknownCurrency: one of the two is not in use.
    """
    require(actor, Permission.RATE_MANAGE)
    for currency in (new.from_currency, new.to_currency):
        if currency not in known_currencies():
            raise UnknownCurrency(currency=currency)
    with operation("rate.enter", actor=actor, reason=new.note), refusals_in_words():
        return ExchangeRate.create_versioned(
            actor=actor,
            reason=new.note,
            organization_id=actor.organization_id,
            source=MANUAL,
            revision=_next_revision(new, actor),
            state=RateState.WAITING,
            entered_by=actor,
            **asdict(new),
        )


def publish_rates(new: Sequence[NewRate], *, source: str, actor: User) -> list[ExchangeRate]:
    """Publish first revisions for every organization; only who belongs to none may.

    Raises:
        Forbidden: the actor works for an organization.
    """
    if actor.organization_id is not None:
        raise Forbidden
    rows = [
        ExchangeRate(source=source, state=RateState.CONFIRMED, **asdict(rate)) for rate in new
    ]
    with operation("rate.publish", actor=actor, reason=source):
        made = ExchangeRate.create_many_versioned(rows, actor=actor, reason=source)
        forget_rates()
    return made


def confirm_rate(rate: ExchangeRate, *, version: int, actor: User) -> ExchangeRate:
    """Let a rate be used; every process knows it within milliseconds of the commit.

    Raises:
        OwnRate: the actor entered it.
        RateIsDecided: somebody decided first.
        StaleVersion: it is no longer at `version`.
    """
    return _decide(rate, RateState.CONFIRMED, version=version, actor=actor)


def reject_rate(rate: ExchangeRate, *, version: int, actor: User, reason: str) -> ExchangeRate:
    """Refuse a rate, with a reason; it stays on record and is never used.

    Raises:
        OwnRate, RateIsDecided, StaleVersion: as for `confirm_rate`.
    """
    return _decide(rate, RateState.REJECTED, version=version, actor=actor, reason=reason)


def forget_rates() -> None:
    """Drop this process's cache now and after the commit; others hear of it by NOTIFY."""
    cache.forget()
    transaction.on_commit(cache.forget)


def _decide(
    rate: ExchangeRate, state: RateState, *, version: int, actor: User, reason: str = ""
) -> ExchangeRate:
    require(actor, Permission.RATE_CONFIRM)
    if rate.organization_id != actor.organization_id:
        raise Forbidden
    if rate.entered_by_id == actor.pk:
        raise OwnRate
    if rate.state != RateState.WAITING:
        raise RateIsDecided
    kind = "rate.confirm" if state == RateState.CONFIRMED else "rate.reject"
    with operation(kind, actor=actor, reason=reason), refusals_in_words():
        decided = rate.update_versioned(
            actor=actor,
            reason=reason or state,
            expected_version=version,
            state=state,
            confirmed_by=actor,
            confirmed_at=timezone.now(),
            reject_reason=reason,
        )
        forget_rates()
    return decided


def _next_revision(new: NewRate, actor: User) -> int:
    """Return the next revision of a place; who asks at the same time waits for the commit."""
    place = {
        "organization_id": actor.organization_id,
        "rate_type": new.rate_type,
        "from_currency": new.from_currency,
        "to_currency": new.to_currency,
        "valid_from": new.valid_from,
    }
    with connection.cursor() as cursor:
        name = " ".join(str(part) for part in ("fx", *place.values()))
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
    last = ExchangeRate.objects.filter(**place).aggregate(last=Max("revision"))["last"]
    return (last or 0) + 1
