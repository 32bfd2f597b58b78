"""Trade in foreign currency in the books of the Chinese company: rates, sales, payments."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from apps.core.rounding import convert_amount
from apps.fx.services.rates import NewRate, confirm_rate, enter_rate
from apps.portal.demo import names
from apps.portal.demo.journal import Leg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apps.portal.demo.calendar import Month
    from apps.portal.demo.company import Company
    from apps.portal.demo.names import Partner
    from apps.portal.demo.people import Staff

# Units of CNY for `per` units, and how much a rate moves from one week to the next.
RATES = {
    "USD": (Decimal("7.1186"), 1, Decimal("0.0042")),
    "EUR": (Decimal("7.7420"), 1, Decimal("-0.0065")),
    "JPY": (Decimal("4.6980"), 100, Decimal("0.0110")),
}
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Deal:
    """A sale (to a customer) or purchase, and what was paid of it how many days later."""

    partner: Partner
    currency: str
    amount: int
    day: int
    paid: int = 0
    after: int = 0


_CUSTOMERS, _SUPPLIERS = names.OVERSEAS_CUSTOMERS, names.OVERSEAS_SUPPLIERS
SALES = (
    Deal(_CUSTOMERS[0], "USD", 48_600, 3, paid=48_600, after=17),
    Deal(_CUSTOMERS[0], "USD", 22_150, 9),
    Deal(_CUSTOMERS[1], "EUR", 31_900, 4, paid=18_000, after=16),
    Deal(_CUSTOMERS[2], "JPY", 5_280_000, 5, paid=5_280_000, after=18),
    Deal(_CUSTOMERS[3], "EUR", 12_480, 11),
    Deal(_CUSTOMERS[4], "USD", 9_975, 12),
)
PURCHASES = (
    Deal(_SUPPLIERS[0], "JPY", 3_640_000, 4, paid=3_640_000, after=20),
    Deal(_SUPPLIERS[1], "EUR", 16_250, 6),
    Deal(_SUPPLIERS[2], "USD", 27_300, 8, paid=10_000, after=15),
)


def enter_spot_rates(company: Company, staff: Staff, months: Sequence[Month]) -> None:
    """Let treasury enter a rate a week for the open months, and another person confirm it."""
    treasury, senior = staff.users["treasury"], staff.seniors[0]
    day, until = months[-2].first, months[-1].until
    while day <= until:
        for currency, (_, per, _step) in RATES.items():
            new = NewRate(
                rate_type="spot",
                from_currency=currency,
                to_currency=company.profile.currency,
                per=per,
                rate=_rate(currency, (day - months[-2].first).days // _WEEK.days),
                valid_from=day,
            )
            rate = enter_rate(new, actor=treasury)
            confirm_rate(rate, version=rate.version, actor=senior)
        day += _WEEK


def trade_abroad(company: Company, months: Sequence[Month]) -> None:
    """Write sales and purchases of the month before this one, and what was paid of them."""
    codes = company.codes
    for deal in SALES:
        _write(company, months, deal, (codes.receivable, codes.revenue), "sale_abroad")
    for deal in PURCHASES:
        _write(company, months, deal, (codes.payable, codes.inventory), "purchase_abroad")


def _write(
    company: Company, months: Sequence[Month], deal: Deal, codes: tuple[str, str], text: str
) -> None:
    """Write a deal at the rate of its day, and what was paid of it at the rate of that day."""
    control, other = codes
    sign = 1 if text == "sale_abroad" else -1
    number = company.next_invoice(months[-2])
    days = {text: deal.day, "paid_abroad": deal.day + deal.after}
    for what, day in days.items():
        amount = deal.amount if what == text else -deal.paid
        if not amount:
            continue
        legs = _legs(company, deal, day, Decimal(sign * amount))
        accounts = (control, other if what == text else company.codes.bank)
        company.book.write(
            months[-2].first + timedelta(days=day - 1),
            company.say(what, partner=company.label(deal.partner), number=number),
            *[replace(leg, code=code) for leg, code in zip(legs, accounts, strict=True)],
            word=company.word("transfer"),
        )


def _legs(company: Company, deal: Deal, day: int, amount: Decimal) -> tuple[Leg, Leg]:
    """Return an amount on the partner and the other way, at the rate of the day's week."""
    per = RATES[deal.currency][1]
    rate = _rate(deal.currency, (day - 1) // _WEEK.days)
    base = convert_amount(amount, rate=rate, per=per, currency=company.profile.currency)
    partner = (deal.partner.code,)
    return (
        Leg("", base, partner, deal.currency, amount, rate / per),
        Leg("", -base, (), deal.currency, -amount, rate / per),
    )


def _rate(currency: str, week: int) -> Decimal:
    rate, _, step = RATES[currency]
    return rate + step * week
