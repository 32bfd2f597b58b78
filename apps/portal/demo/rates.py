"""Exchange rates of the demo: believable, the same in every run, and published for everybody.

The euro is quoted each weekday, as by the ECB. A closing rate stands at the end of each month
and an average on its first day, which is what a close needs.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from apps.core.rounding import round_rate
from apps.fx.models import RateType
from apps.fx.services.rates import NewRate, enter_rate, publish_rates
from apps.portal.tenants import system_user

if TYPE_CHECKING:
    from apps.organizations.models import User
    from apps.portal.demo.calendar import Month

SOURCE = "demo"
BASE = "EUR"
# Where each currency stands around, how many decimals it has, and how far a day may move it,
# in hundred-thousandths.
CURRENCIES = {
    "USD": (Decimal("1.1450"), 4, 420),
    "CNY": (Decimal("8.1500"), 4, 380),
    "HKD": (Decimal("8.9140"), 4, 420),
    "JPY": (Decimal("171.60"), 2, 560),
}
_LONG_BEFORE = timedelta(days=75)
_WEEKEND = 5
_PULL = 40
_UNIT = 100_000


def make_rates(months: Sequence[Month]) -> None:
    """Publish the rates of the demo's months and of some weeks before."""
    days = list(_weekdays(months[0].first - _LONG_BEFORE, months[-1].until))
    spot = {currency: _walk(currency, days) for currency in CURRENCIES}
    found = [
        NewRate(RateType.SPOT, BASE, currency, rate, day)
        for currency, course in spot.items()
        for day, rate in course.items()
    ]
    for month in months:
        for currency, course in spot.items():
            found += _of_month(month, currency, course)
    publish_rates(found, source=SOURCE, actor=system_user())


def leave_a_rate_waiting(treasurer: User, day: date) -> None:
    """Enter a rate that somebody else has to confirm."""
    bank = NewRate(
        RateType.SPOT,
        "USD",
        "CNY",
        Decimal("7.1286"),
        day,
        note="中国银行 Bank of China, 10:00",
    )
    enter_rate(bank, actor=treasurer)


def _of_month(month: Month, currency: str, course: dict[date, Decimal]) -> list[NewRate]:
    """Return the closing rate of a month that is over, and its average."""
    rates = [rate for day, rate in course.items() if month.first <= day <= month.until]
    if not (rates and month.is_complete):
        return []
    digits = CURRENCIES[currency][1]
    average = round_rate(Fraction(sum(rates)) / len(rates)).quantize(Decimal(1).scaleb(-digits))
    return [
        NewRate(RateType.CLOSING, BASE, currency, rates[-1], month.last),
        NewRate(RateType.AVERAGE, BASE, currency, average, month.first),
    ]


def _walk(currency: str, days: list[date]) -> dict[date, Decimal]:
    """Return a course that wanders about its centre and is pulled back to it."""
    centre, digits, size = CURRENCIES[currency]
    rng = random.Random(f"rates {currency}")  # noqa: S311  (a demo, by a seed)
    away, course = 0, {}
    for day in days:
        away += rng.randint(-size, size) - away // _PULL
        course[day] = (centre * (_UNIT + away) / _UNIT).quantize(Decimal(1).scaleb(-digits))
    return course


def _weekdays(first: date, last: date) -> Iterator[date]:
    while first <= last:
        if first.weekday() < _WEEKEND:
            yield first
        first += timedelta(days=1)
