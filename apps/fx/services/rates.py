"""Writes of rates that people enter: one enters, another confirms or rejects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from apps.core.errors import Forbidden, StaleVersion, UnknownCurrency
from apps.core.money import known_currencies
from apps.core.operation import operation
from apps.core.rounds import rounds
from apps.fx.database_errors import refusals_in_words
from apps.fx.errors import OwnRate, RateIsDecided
from apps.fx.models import MANUAL, ExchangeRate, RateState
from apps.fx.services.lookup import rates as cache
from apps.fx.services.rate_events import tell_of_rates
from apps.organizations.access import require
from apps.organizations.models import User
from apps.organizations.permissions import Permission

# The kind of subject by which rounds of approval know a rate that a person entered.
MANUAL_RATE = "manual_rate"
LONGEST_REASON = 200


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
        FinanceError: the flow of approval finds nobody who could decide.
    """
    require(actor, Permission.RATE_MANAGE)
    for currency in (new.from_currency, new.to_currency):
        if currency not in known_currencies():
            raise UnknownCurrency(currency=currency)
    with operation("rate.enter", actor=actor, reason=new.note), refusals_in_words():
        rate = ExchangeRate.create_versioned(
            actor=actor,
            reason=new.note,
            organization_id=actor.organization_id,
            source=MANUAL,
            revision=_next_revision(new, actor),
            state=RateState.WAITING,
            entered_by=actor,
            **asdict(new),
        )
        rounds().begin(MANUAL_RATE, rate.pk, actor=actor)
    return rate


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
        tell_of_rates(made)
        forget_rates()
    return made


def confirm_rate(rate: ExchangeRate, *, version: int, actor: User) -> ExchangeRate:
    """Give the actor's approval; the rate is used unless a flow asks for more people.

    Raises:
        Forbidden: the actor may not.
        OwnRate: the actor entered it.
        RateIsDecided: somebody decided first.
        StaleVersion: it is no longer at `version`.
        FinanceError: its round asks somebody else, or was decided by somebody else.
    """
    _require_decider(rate, version, actor)
    if rounds().approve(MANUAL_RATE, rate.pk, actor=actor):
        rate.refresh_from_db()
        return rate
    return mark_confirmed(rate, version=version, actor=actor)


def mark_confirmed(rate: ExchangeRate, *, version: int, actor: User) -> ExchangeRate:
    """Let a rate be used; every process knows it within milliseconds of the commit.

    Raises:
        OwnRate, RateIsDecided, StaleVersion: see `confirm_rate`.
    """
    return _decide(rate, RateState.CONFIRMED, version=version, actor=actor)


def reject_rate(rate: ExchangeRate, *, version: int, actor: User, reason: str) -> ExchangeRate:
    """Refuse a rate, with a reason; it stays on record and is never used.

    Raises:
        Forbidden, OwnRate, RateIsDecided, StaleVersion, FinanceError: see `confirm_rate`.
    """
    _require_decider(rate, version, actor)
    if rounds().reject(MANUAL_RATE, rate.pk, actor=actor, reason=reason):
        rate.refresh_from_db()
        return rate
    return mark_rejected(rate, version=version, actor=actor, reason=reason)


def mark_rejected(
    rate: ExchangeRate, *, version: int, actor: User, reason: str
) -> ExchangeRate:
    """Move a rate that waits to rejected.

    Raises:
        OwnRate, RateIsDecided, StaleVersion: see `confirm_rate`.
    """
    reason = reason[:LONGEST_REASON]
    return _decide(rate, RateState.REJECTED, version=version, actor=actor, reason=reason)


def forget_rates() -> None:
    """Drop this process's cache now and after the commit; others hear of it by NOTIFY."""
    cache.forget()
    transaction.on_commit(cache.forget)


def _decide(
    rate: ExchangeRate, state: RateState, *, version: int, actor: User, reason: str = ""
) -> ExchangeRate:
    _require_other_person(rate, actor)
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
        if state == RateState.CONFIRMED:
            tell_of_rates([decided])
        forget_rates()
    return decided


def _require_decider(rate: ExchangeRate, version: int, actor: User) -> None:
    require(actor, Permission.RATE_CONFIRM)
    if rate.organization_id != actor.organization_id:
        raise Forbidden
    _require_other_person(rate, actor)
    if rate.state != RateState.WAITING:
        raise RateIsDecided
    if rate.version != version:
        raise StaleVersion(what=rate._meta.verbose_name)


def _require_other_person(rate: ExchangeRate, actor: User) -> None:
    if rate.entered_by_id == actor.pk:
        raise OwnRate


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
