"""Entering rates, and the second pair of eyes."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from apps.audit.models import OperationLog
from apps.core.errors import Forbidden, StaleVersion, UnknownCurrency
from apps.fx.errors import OwnRate, RateIsDecided
from apps.fx.models import RateState
from apps.fx.services.rates import NewRate, confirm_rate, enter_rate, reject_rate
from apps.organizations.permissions import Role
from tests.factories import DAY, make_organization, make_user
from tests.fx.rates import make_own, make_waiting

pytestmark = pytest.mark.django_db
NEW = NewRate("spot", "USD", "CNY", Decimal("7.1234"), DAY, note="Bank of China, 10:00")


def test_treasury_enters_a_rate_that_waits() -> None:
    treasurer = make_user(make_organization(), Role.TREASURY)

    rate = enter_rate(NEW, actor=treasurer)

    assert (rate.state, rate.revision, rate.source) == (RateState.WAITING, 1, "manual")
    assert rate.history.count() == 1
    logged = OperationLog.objects.get(kind="rate.enter").after or {}
    assert logged["rate"] == NEW.rate


def test_a_rate_of_the_same_place_is_the_next_revision() -> None:
    home = make_organization()
    rejected = make_waiting(home, "USD/CNY", "7.1")
    reject_rate(rejected, version=1, actor=make_user(home, Role.TREASURY), reason="typo")

    assert make_own(home, "USD/CNY", "7.2").revision == 2
    assert make_waiting(make_organization(), "USD/CNY", "7.2").revision == 1


def test_another_person_confirms() -> None:
    home = make_organization()
    rate = make_waiting(home, "USD/CNY", "7.1")
    senior = make_user(home, Role.SENIOR_ACCOUNTANT)

    confirmed = confirm_rate(rate, version=1, actor=senior)

    assert (confirmed.state, confirmed.confirmed_by) == (RateState.CONFIRMED, senior)
    assert confirmed.confirmed_at is not None
    assert confirmed.history.count() == 2


def test_nobody_confirms_the_own_rate() -> None:
    treasurer = make_user(make_organization(), Role.TREASURY)
    rate = enter_rate(NEW, actor=treasurer)

    with pytest.raises(OwnRate):
        confirm_rate(rate, version=1, actor=treasurer)


def test_a_decision_is_made_once_and_on_what_was_seen() -> None:
    home = make_organization()
    senior = make_user(home, Role.SENIOR_ACCOUNTANT)
    rate = make_waiting(home, "USD/CNY", "7.1")

    with pytest.raises(StaleVersion):
        confirm_rate(rate, version=9, actor=senior)
    reject_rate(rate, version=1, actor=senior, reason="not today's")
    with pytest.raises(RateIsDecided):
        confirm_rate(rate, version=2, actor=senior)


def test_the_roles_decide_who_enters_and_who_confirms() -> None:
    home = make_organization()
    rate = make_waiting(home, "USD/CNY", "7.1")

    with pytest.raises(Forbidden):
        enter_rate(NEW, actor=make_user(home, Role.SENIOR_ACCOUNTANT))
    with pytest.raises(Forbidden):
        confirm_rate(rate, version=1, actor=make_user(home, Role.ACCOUNTANT))
    with pytest.raises(Forbidden):
        confirm_rate(rate, version=1, actor=make_user(make_organization(), Role.TREASURY))


def test_a_currency_of_the_past_is_not_entered() -> None:
    treasurer = make_user(make_organization(), Role.TREASURY)

    with pytest.raises(UnknownCurrency):
        enter_rate(replace(NEW, from_currency="TRL"), actor=treasurer)
