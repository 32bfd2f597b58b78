"""Which rate is found, and what a document gets to store."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from apps.core.errors import UnknownCurrency
from apps.fx.errors import NoRate
from apps.fx.models import ExchangeRate
from apps.fx.services.lookup import convert, find_rate, mark_used
from tests.factories import DAY, make_organization
from tests.fx.rates import make_own, make_published, make_waiting

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)


def test_the_pairs_own_rate_is_found_with_its_age_and_source() -> None:
    stored = make_published("USD/CNY", "7.1012", on=DAY - timedelta(days=3))

    found = find_rate(make_organization(), "USD", "CNY", on=DAY)

    assert (found.rate, found.per, found.path) == (Decimal("7.1012"), 1, ("USD", "CNY"))
    assert (found.age_days, found.source, found.rate_ids) == (3, "ecb", (stored.pk,))
    assert found.valid_from == DAY - timedelta(days=3)


def test_a_rate_also_answers_the_other_way_round() -> None:
    make_published("EUR/CNY", "7.4326")

    found = find_rate(make_organization(), "CNY", "EUR", on=DAY)

    assert (found.rate, found.per) == (Decimal("0.1345424212"), 1)


def test_a_small_rate_is_quoted_for_a_hundred_units() -> None:
    make_published("EUR/JPY", "175.68")

    found = find_rate(make_organization(), "JPY", "EUR", on=DAY)

    assert (found.rate, found.per) == (Decimal("0.5692167577"), 100)


def test_a_pair_without_a_rate_goes_through_the_pivot_and_shows_the_path() -> None:
    dollar = make_published("EUR/USD", "1.1172")
    yuan = make_published("EUR/CNY", "7.4326", on=DAY - timedelta(days=1))

    found = find_rate(make_organization(), "USD", "CNY", on=DAY)

    # 7.4326 / 1.1172 = 6.652882205..., rounded once
    assert found.rate == Decimal("6.6528822055")
    assert found.path == ("USD", "EUR", "CNY")
    assert found.rate_ids == (dollar.pk, yuan.pk)
    assert found.age_days == 1


def test_a_direct_rate_wins_over_the_pivot() -> None:
    make_published("EUR/USD", "1.1172")
    make_published("EUR/CNY", "7.4326")
    make_published("USD/CNY", "6.7000", on=DAY - timedelta(days=2))

    assert find_rate(make_organization(), "USD", "CNY", on=DAY).rate == Decimal("6.7000")


def test_an_own_rate_wins_over_a_published_one_of_the_same_day_only() -> None:
    home = make_organization()
    make_published("USD/CNY", "7.1000")
    make_own(home, "USD/CNY", "7.2000")
    make_published("USD/CNY", "7.3000", on=DAY + timedelta(days=1))

    assert find_rate(home, "USD", "CNY", on=DAY).rate == Decimal("7.2000")
    assert find_rate(home, "USD", "CNY", on=DAY + timedelta(days=1)).rate == Decimal("7.3000")
    assert find_rate(make_organization(), "USD", "CNY", on=DAY).rate == Decimal("7.1000")


def test_the_latest_confirmed_revision_counts() -> None:
    home = make_organization()
    make_own(home, "USD/CNY", "7.2000")
    make_own(home, "USD/CNY", "7.2100")
    make_waiting(home, "USD/CNY", "9.9999")

    assert find_rate(home, "USD", "CNY", on=DAY).rate == Decimal("7.2100")


def test_a_waiting_rate_is_never_found() -> None:
    home = make_organization()
    make_waiting(home, "USD/CNY", "7.2000")

    with pytest.raises(NoRate):
        find_rate(home, "USD", "CNY", on=DAY)


def test_an_old_rate_is_refused_with_pair_and_date() -> None:
    make_published("USD/CNY", "7.1000", on=DAY - WEEK)
    home = make_organization()

    with pytest.raises(NoRate, match=r"USD/CNY within 6 days before 2026-01-15"):
        find_rate(home, "USD", "CNY", on=DAY, max_age_days=6)
    assert find_rate(home, "USD", "CNY", on=DAY, max_age_days=7).age_days == 7


def test_a_future_rate_and_another_type_are_not_found() -> None:
    make_published("USD/CNY", "7.1000", on=DAY + WEEK)
    make_published("USD/CNY", "7.1000", rate_type="budget")

    with pytest.raises(NoRate):
        find_rate(make_organization(), "USD", "CNY", on=DAY)


def test_a_currency_is_worth_itself() -> None:
    found = find_rate(make_organization(), "CNY", "CNY", on=DAY)

    assert (found.rate, found.path, found.rate_ids) == (Decimal(1), ("CNY",), ())


def test_an_amount_is_converted_and_rounded_once() -> None:
    make_published("JPY/CNY", "4.8213", per=100)
    rate = find_rate(make_organization(), "JPY", "CNY", on=DAY)

    assert convert(Decimal(12_345), rate) == Decimal("595.19")
    assert convert(Decimal(12_345), rate, mode="up") == Decimal("595.19")
    assert convert(Decimal(-1), rate) == Decimal("-0.05")


def test_a_long_product_is_not_rounded_twice() -> None:
    make_published("USD/CNY", "1.0000000005")
    rate = find_rate(make_organization(), "USD", "CNY", on=DAY)

    # 999999999999999.98 × 1.0000000005 = 1000000000499999.97999999999999999: half up is .98
    assert convert(Decimal("999999999999999.98"), rate) == Decimal("1000000000499999.98")


def test_an_amount_of_a_currency_of_the_past_cannot_be_made() -> None:
    make_published("EUR/TRL", "372274", on=date(1999, 1, 4))
    rate = find_rate(make_organization(), "EUR", "TRL", on=date(1999, 1, 4))

    with pytest.raises(UnknownCurrency):
        convert(Decimal(1), rate)


def test_used_rates_are_marked_once() -> None:
    one, other = make_published("EUR/USD", "1.1172"), make_published("EUR/CNY", "7.4326")

    mark_used([other.pk, one.pk])
    mark_used((one.pk,))

    assert ExchangeRate.objects.filter(is_used=True).count() == 2
