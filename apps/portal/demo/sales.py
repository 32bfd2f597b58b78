"""Selling of a demo company: invoices, the cost of what was sold, receipts."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from apps.core.rounding import round_amount
from apps.portal.demo.calendar import next_workday
from apps.portal.demo.company import NOTHING, Company, OpenItem
from apps.portal.demo.journal import Leg

if TYPE_CHECKING:
    from apps.portal.demo.calendar import Month

TERMS = (30, 30, 45, 60)
_SERVICE_VAT = 60
_FRIDAY = 4
# In a hundred: customers that pay a month late or in part, invoices that are for services.
_LATE, _IN_PART, _SERVICES = 7, 4, 6


def sell(company: Company, month: Month) -> None:
    """Write the sales of a month and, week by week, what they cost."""
    profile = company.profile
    count = month.share(profile.sales)
    revenue = company.vary(profile.revenue * company.scale(month), 3)
    total = revenue * count / profile.sales
    sold: defaultdict[date, Decimal] = defaultdict(Decimal)
    for amount in company.amounts(total, count):
        day = month.pick(company.rng)
        if day is not None:
            _invoice(company, month, day, amount)
            week_end = day + timedelta(days=_FRIDAY - day.weekday())
            sold[min(week_end, month.workdays()[-1])] += amount
    for day, amount in sorted(sold.items()):
        _cost_of_sales(company, day, amount)


def collect(company: Company, month: Month) -> None:
    """Write what customers pay: most when it is due, some later, some in part."""
    waiting = []
    for item in company.receivables:
        day = next_workday(max(item.due, month.first))
        luck = company.rng.randint(1, 100)
        if day > month.until or luck <= _LATE:
            waiting.append(item)
        elif luck <= _LATE + _IN_PART and not item.currency:
            waiting.append(_receive_part(company, item, day))
        else:
            _receive(company, month, item, day)
    company.receivables = waiting


def sell_currency(company: Company, month: Month) -> None:
    """Change most of the foreign cash into the ledger's own currency once a month."""
    day = month.on(25)
    foreign = company.foreign_cash * 4 // 5
    if day is None or not foreign or company.profile.foreign is None:
        return
    currency, _ = company.profile.foreign
    cost = company.round(company.foreign_cost * foreign / company.foreign_cash)
    rate = (cost / foreign).quantize(Decimal("0.0000000001"))
    received = company.round(foreign * (company.month_rate(month) - Decimal("0.004")))
    company.foreign_cash -= foreign
    company.foreign_cost -= cost
    company.book.write(
        day,
        company.say("exchange", currency=currency),
        company.bank(received),
        Leg(company.codes.bank, -cost, (), currency, -foreign, rate),
        _exchange_difference(company, received - cost),
    )


def _invoice(company: Company, month: Month, day: date, amount: Decimal) -> None:
    profile, codes = company.profile, company.codes
    customer = company.partner(profile.customers)
    is_service = company.rng.randint(1, 100) <= _SERVICES
    name, income = ("service_sale", codes.services) if is_service else ("sale", codes.revenue)
    text = company.say(
        name, partner=company.label(customer), number=company.next_invoice(month)
    )
    permille = _SERVICE_VAT if is_service and profile.is_chinese else profile.vat
    vat = company.part(amount, permille)
    due = day + timedelta(days=company.rng.choice(TERMS))
    item = _item(company, month, OpenItem(customer, due, amount + vat))
    unit = company.unit("selling").code
    company.book.write(
        day,
        text,
        item.leg(codes.receivable, 1),
        Leg(income, vat - item.amount, (unit,), item.currency, -item.foreign, item.rate),
        Leg(codes.output_vat, -vat),
        word=company.word("transfer"),
    )
    company.receivables.append(item)


def _item(company: Company, month: Month, item: OpenItem) -> OpenItem:
    """Return an item as it is, or (of an exporter, every third) in the foreign currency."""
    if company.profile.foreign is None or company.rng.randint(1, 3) > 1:
        return item
    currency, _ = company.profile.foreign
    rate = company.month_rate(month)
    foreign = round_amount(item.amount / rate, currency)
    base = company.round(foreign * rate)
    return OpenItem(item.partner, item.due, base, currency, foreign, rate)


def _cost_of_sales(company: Company, day: date, amount: Decimal) -> None:
    cost = company.vary(amount * company.profile.cost_percent / 100, 2)
    company.book.write(
        day,
        company.say("cost"),
        Leg(company.codes.cost_of_sales, cost),
        Leg(company.codes.inventory, -cost),
        word=company.word("transfer"),
    )


def _receive(company: Company, month: Month, item: OpenItem, day: date) -> None:
    text = company.say("receipt", partner=company.label(item.partner))
    legs = [company.bank(item.amount)]
    if item.currency:
        rate = company.month_rate(month)
        received = company.round(item.foreign * rate)
        company.foreign_cash += item.foreign
        company.foreign_cost += received
        legs = [
            Leg(company.codes.bank, received, (), item.currency, item.foreign, rate),
            _exchange_difference(company, received - item.amount),
        ]
    legs.insert(1, item.leg(company.codes.receivable, -1))
    company.book.write(day, text, *legs, word=company.word("receipt"))


def _receive_part(company: Company, item: OpenItem, day: date) -> OpenItem:
    """Write a part payment; return what is left."""
    paid = company.part(item.amount, 600)
    text = company.say("receipt_part", partner=company.label(item.partner))
    part = OpenItem(item.partner, item.due, paid)
    company.book.write(
        day,
        text,
        company.bank(paid),
        part.leg(company.codes.receivable, -1),
        word=company.word("receipt"),
    )
    return OpenItem(item.partner, item.due + timedelta(days=30), item.amount - paid)


def _exchange_difference(company: Company, gain: Decimal) -> Leg:
    code = company.codes.exchange_gain if gain > NOTHING else company.codes.exchange_loss
    return Leg(code, -gain)
