"""Taxes of a demo company at the end of a month."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from apps.portal.demo.company import NOTHING, Company
from apps.portal.demo.journal import Leg

if TYPE_CHECKING:
    from apps.portal.demo.calendar import Month


def pay_taxes(company: Company, month: Month) -> None:
    """Pay the taxes of the month before."""
    for what in ("vat_paid", "surcharges_paid", "profit_tax_paid"):
        company.pay(what, month.on(15))


def close_month(company: Company, month: Month) -> None:
    """Settle VAT at the end of a month, profit tax at the end of a quarter.

    The ledger's own close transfers the result; the book in memory only forgets it.
    """
    if not month.is_complete:
        return
    _settle_vat(company, month)
    if month.is_quarter_end:
        _accrue_profit_tax(company, month)
    if month.is_year_end:
        company.book.forget_result(company.codes.retained)


def _settle_vat(company: Company, month: Month) -> None:
    """Carry the month's VAT to what is owed; an excess of input VAT stays where it is."""
    codes, book = company.codes, company.book
    parts = [codes.output_vat, codes.input_vat]
    if codes.vat_transfer:
        parts.append(codes.vat_transfer)
    held = {code: book.balance(code) for code in parts}
    owed = -sum(held.values(), start=NOTHING)
    if owed <= NOTHING:
        return
    if codes.vat_transfer:
        legs = [Leg(codes.vat_transfer, owed)]
    else:
        legs = [Leg(code, -amount) for code, amount in held.items()]
    text = company.say("vat", month=month.label)
    legs.append(Leg(codes.vat_owed, -owed))
    book.write(month.last, text, *legs, word=company.word("transfer"))
    company.owed["vat_paid"] = (month.label, {codes.vat_owed: owed})
    _accrue_surcharges(company, month, owed)


def _accrue_surcharges(company: Company, month: Month, vat: Decimal) -> None:
    levies = company.profile.surcharges
    amounts = {levy.liability: company.part(vat, levy.permille) for levy in levies}
    legs = [Leg(levy.expense, amounts[levy.liability]) for levy in levies]
    legs += [Leg(code, -amount) for code, amount in amounts.items()]
    text = company.say("surcharges", month=month.label)
    company.book.write(month.last, text, *legs, word=company.word("transfer"))
    if amounts:
        company.owed["surcharges_paid"] = (month.label, amounts)


def _accrue_profit_tax(company: Company, month: Month) -> None:
    """Accrue the tax on the profit since the last accrual, if there is one."""
    codes, book = company.codes, company.book
    result = -sum(book.profit_and_loss().values(), start=NOTHING)
    profit = result + book.balance(codes.profit_tax_expense)
    due = company.part(profit, company.profile.profit_tax)
    due -= book.balance(codes.profit_tax_expense)
    if due <= NOTHING:
        return
    legs = (Leg(codes.profit_tax_expense, due), Leg(codes.profit_tax, -due))
    book.write(month.last, company.say("profit_tax"), *legs, word=company.word("transfer"))
    company.owed["profit_tax_paid"] = (month.label, {codes.profit_tax: due})
