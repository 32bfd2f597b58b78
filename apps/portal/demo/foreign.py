"""Trade in foreign currency in the books of the Chinese company: sales and what was paid."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from apps.ledgers.services.rates import base_amount, rate_on
from apps.portal.demo import names
from apps.portal.demo.journal import Leg

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from apps.portal.demo.calendar import Month
    from apps.portal.demo.company import Company
    from apps.portal.demo.names import Partner


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
    for what, number_of_day in days.items():
        amount = deal.amount if what == text else -deal.paid
        if not amount:
            continue
        day = months[-2].first + timedelta(days=number_of_day - 1)
        legs = _legs(company, deal, day, Decimal(sign * amount))
        accounts = (control, other if what == text else company.codes.bank)
        company.book.write(
            day,
            company.say(what, partner=company.label(deal.partner), number=number),
            *[replace(leg, code=code) for leg, code in zip(legs, accounts, strict=True)],
            word=company.word("transfer"),
        )


def _legs(company: Company, deal: Deal, day: date, amount: Decimal) -> tuple[Leg, Leg]:
    """Return an amount on the partner and the other way, at the published rate of the day."""
    ledger = company.book.ledger
    rate = rate_on(ledger, deal.currency, day)
    base = base_amount(ledger, amount, rate, day)
    partner = (deal.partner.code,)
    return (
        Leg("", base, partner, deal.currency, amount, rate.rate, rate),
        Leg("", -base, (), deal.currency, -amount, rate.rate, rate),
    )
