"""Buying of a demo company: goods, services, equipment, payments to suppliers."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from apps.portal.demo.calendar import next_workday
from apps.portal.demo.company import Company, OpenItem
from apps.portal.demo.journal import Leg
from apps.portal.demo.sales import TERMS
from apps.portal.demo.texts import SERVICES

if TYPE_CHECKING:
    from apps.portal.demo.calendar import Month
    from apps.portal.demo.names import Partner

_SERVICE_VAT = 60
_MARKETING_PROJECT = "P04"


def buy(company: Company, month: Month) -> None:
    """Buy what will be sold, more or less of it to bring the stock back to its level."""
    profile, codes = company.profile, company.codes
    count = month.share(profile.purchases)
    cost = profile.revenue * company.scale(month) * profile.cost_percent / 100
    missing = profile.opening["inventory"] - company.book.balance(codes.inventory)
    total = (cost + missing / 3) * count / profile.purchases
    for amount in company.amounts(total, count):
        day = month.pick(company.rng)
        if day is not None:
            supplier = company.partner(profile.suppliers)
            text = company.say(
                "purchase", partner=company.label(supplier), number=company.next_invoice(month)
            )
            _bill(company, day, text, supplier, Leg(codes.inventory, amount))


def buy_services(company: Company, month: Month) -> None:
    """Buy services for the departments, about a twentieth of the revenue."""
    profile = company.profile
    size = Decimal(profile.revenue) / 22 / profile.services
    for _ in range(month.share(profile.services)):
        day = month.pick(company.rng)
        if day is None:
            return
        what, kind, chinese, english = company.rng.choice(SERVICES)
        unit, supplier = company.unit(kind), company.partner(profile.suppliers)
        text = f"{company.say.choose(chinese, english)} {company.label(supplier)}"
        project = (_MARKETING_PROJECT,) if what == "events" and profile.is_chinese else ()
        code = company.codes.expense(kind, what)
        leg = Leg(code, company.vary(size, 80), (unit.code, *project))
        _bill(company, day, text, supplier, leg)


def buy_equipment(company: Company, month: Month) -> None:
    """Buy computers once a quarter."""
    day = month.on(18)
    if day is None or not month.is_quarter_end:
        return
    supplier = company.profile.suppliers[3]
    cost = company.vary(Decimal(company.profile.opening["equipment"]) / 25, 30)
    text = company.say("capex", partner=company.label(supplier))
    _bill(company, day, text, supplier, Leg(company.codes.equipment, cost))


def pay_suppliers(company: Company, month: Month) -> None:
    """Pay what is due, as long as the bank holds enough."""
    waiting = []
    reserve = Decimal(company.profile.opening["bank"]) / 10
    for item in company.payables:
        day = next_workday(max(item.due, month.first))
        left = company.book.balance(company.codes.bank) - item.amount
        if day > month.until or left < reserve:
            waiting.append(item)
            continue
        company.book.write(
            day,
            company.say("payment", partner=company.label(item.partner)),
            item.leg(company.codes.payable, 1),
            company.bank(-item.amount),
            word=company.word("payment"),
        )
    company.payables = waiting


def _bill(company: Company, day: date, text: str, supplier: Partner, leg: Leg) -> None:
    """Write an invoice of a supplier; in China services bear another VAT than goods."""
    profile, codes = company.profile, company.codes
    is_goods = leg.code in {codes.inventory, codes.equipment}
    vat = company.part(
        leg.amount, profile.vat if is_goods or not profile.is_chinese else _SERVICE_VAT
    )
    due = day + timedelta(days=company.rng.choice(TERMS))
    item = OpenItem(supplier, due, leg.amount + vat)
    company.payables.append(item)
    company.book.write(
        day,
        text,
        leg,
        Leg(codes.input_vat, vat),
        item.leg(codes.payable, -1),
        word=company.word("transfer"),
    )
