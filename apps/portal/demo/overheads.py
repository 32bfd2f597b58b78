"""What a demo company pays every month: people, premises, travel, the bank, wear and tear."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING

from apps.portal.demo.company import NOTHING, Company
from apps.portal.demo.journal import Leg
from apps.portal.demo.texts import CLAIMS

if TYPE_CHECKING:
    from datetime import date

    from apps.portal.demo.calendar import Month

_EMPLOYEE_SOCIAL, _INCOME_TAX = 105, 38
_LOAN_RATE = 36
_PREMISES = (("rent", 1000), ("property", 160), ("utilities", 130), ("telephone", 45))


def run_overheads(company: Company, month: Month) -> None:
    """Write everything of a month that comes whatever is sold."""
    _payroll(company, month)
    _premises(company, month)
    _claims(company, month)
    _bank(company, month)
    if month.is_complete:
        _depreciation(company, month)
        _accruals(company, month)


def _payroll(company: Company, month: Month) -> None:
    """Pay last month's wages and contributions; accrue this month's at its end."""
    company.pay("wages_paid", month.on(10))
    company.pay("social_paid", month.on(15))
    company.pay("income_tax_paid", month.on(15))
    if not month.is_complete:
        return
    codes, say = company.codes, company.say
    gross, employer = NOTHING, {levy.liability: NOTHING for levy in company.profile.social}
    legs = []
    for unit in company.profile.units:
        wages = company.vary(unit.headcount * company.profile.wage, 4)
        shares = {
            levy.liability: company.part(wages, levy.permille)
            for levy in company.profile.social
        }
        cost = wages + sum(shares.values())
        legs.append(Leg(codes.expense(unit.kind, "staff"), cost, (unit.code,)))
        gross += wages
        for code, amount in shares.items():
            employer[code] += amount
    withheld = {
        codes.social_withheld: company.part(gross, _EMPLOYEE_SOCIAL),
        codes.income_tax_withheld: company.part(gross, _INCOME_TAX),
    }
    legs += _credits({codes.wages: gross}, employer)
    company.book.write(month.last, say("payroll", month=month.label), *legs)
    _owe_payroll(company, month, withheld, employer)


def _owe_payroll(
    company: Company, month: Month, withheld: dict[str, Decimal], employer: dict[str, Decimal]
) -> None:
    """Move what is withheld out of the wages, and remember what is to be paid."""
    codes = company.codes
    gross = -company.book.balance(codes.wages)
    net = gross - sum(withheld.values())
    text = company.say("withheld", month=month.label)
    legs = [Leg(codes.wages, sum(withheld.values(), start=NOTHING)), *_credits(withheld)]
    company.book.write(month.last, text, *legs, word=company.word("transfer"))
    social = defaultdict(Decimal, employer)
    social[codes.social_withheld] += withheld[codes.social_withheld]
    income_tax = {codes.income_tax_withheld: withheld[codes.income_tax_withheld]}
    company.owed["wages_paid"] = (month.label, {codes.wages: net})
    company.owed["social_paid"] = (month.label, dict(social))
    company.owed["income_tax_paid"] = (month.label, income_tax)


def _credits(*groups: dict[str, Decimal]) -> list[Leg]:
    return [Leg(code, -amount) for group in groups for code, amount in group.items()]


def _premises(company: Company, month: Month) -> None:
    """Pay rent and what belongs to it; the first department bears it."""
    profile, codes = company.profile, company.codes
    for place, (what, permille) in enumerate(_PREMISES):
        day = month.on(5 + 4 * place)
        if day is None:
            continue
        amount = company.part(Decimal(profile.rent), permille)
        if what != "rent":
            amount = company.vary(amount, 15)
        vat = company.part(amount, 90 if profile.is_chinese else profile.vat)
        unit = profile.units[min(9, len(profile.units) - 1)]
        company.book.write(
            day,
            company.say(what, month=month.label),
            Leg(codes.expense("admin", what), amount, (unit.code,)),
            Leg(codes.input_vat, vat),
            company.bank(-amount - vat),
            word=company.word("payment"),
        )


def _claims(company: Company, month: Month) -> None:
    """Write expense claims, some of them after an advance."""
    employees = company.book.dimensions.codes_of("employee")
    for number in range(month.share(company.profile.claims)):
        day = month.pick(company.rng)
        if day is None:
            return
        employee = company.rng.choice(employees)
        has_advance = number % 6 == 0
        _claim(company, day, employee, has_advance=has_advance)


def _claim(company: Company, day: date, employee: str, *, has_advance: bool) -> None:
    codes, book = company.codes, company.book
    person = book.dimensions.name_of(employee, is_chinese=company.profile.is_chinese)
    size = Decimal(company.profile.wage) / 6
    unit = company.unit(company.rng.choice(("selling", "admin")))
    spent = [
        Leg(codes.expense(unit.kind, what), company.vary(size, 70), (unit.code,))
        for what in company.rng.sample(CLAIMS, company.rng.randint(1, 3))
    ]
    total = sum((leg.amount for leg in spent), start=NOTHING)
    paid = company.bank(-total)
    if has_advance:
        advance = company.round(total // 100 * 100)
        text = company.say("advance", person=person)
        lent = Leg(codes.advances, advance, (employee,))
        book.write(day, text, lent, company.bank(-advance), word=company.word("payment"))
        paid = company.bank(advance - total)
        spent.append(Leg(codes.advances, -advance, (employee,)))
    text = company.say("claim", person=person)
    book.write(day, text, *spent, paid, word=company.word("payment"))


def _bank(company: Company, month: Month) -> None:
    """Write the bank's charges every week, and interest at the end of a quarter."""
    codes, say = company.codes, company.say
    for friday in month.workdays()[4::5]:
        charges = company.vary(Decimal(company.profile.wage) / 60, 60)
        legs = (Leg(codes.bank_charges, charges), company.bank(-charges))
        company.book.write(friday, say("bank_charges"), *legs, word=company.word("payment"))
    day = month.on(21)
    if day is None or not month.is_quarter_end:
        return
    company.pay("interest_paid", day)
    interest = company.part(company.book.balance(codes.bank), 1)
    legs = (company.bank(interest), Leg(codes.interest_income, -interest))
    company.book.write(day, say("interest_income"), *legs, word=company.word("receipt"))


def _depreciation(company: Company, month: Month) -> None:
    codes, say, book = company.codes, company.say, company.book
    units = company.profile.units
    for cost, contra, months in (
        (codes.equipment, codes.equipment_depreciation, 48),
        (codes.furniture, codes.furniture_depreciation, 60),
        (codes.software, codes.amortisation, 72),
    ):
        what = "amortisation" if cost == codes.software else "depreciation"
        heads = sum(unit.headcount for unit in units)
        monthly = company.round(book.balance(cost) / months)
        legs = [
            Leg(
                codes.expense(unit.kind, what),
                company.round(monthly * unit.headcount / heads),
                (unit.code,),
            )
            for unit in units
        ]
        total = sum((leg.amount for leg in legs), start=NOTHING)
        text = say(what, month=month.label)
        book.write(month.last, text, *legs, Leg(contra, -total), word=company.word("transfer"))


def _accruals(company: Company, month: Month) -> None:
    """Accrue loan interest and the audit fee; the fee is paid once a quarter."""
    codes, say, book = company.codes, company.say, company.book
    if month.is_quarter_end:
        company.pay("accrual_paid", month.on(24))
    interest = company.round(-book.balance(codes.loan) * _LOAN_RATE / 12_000)
    fee = company.round(Decimal(company.profile.wage) * 2)
    for name, owed, payment, expense, amount in (
        ("interest", codes.interest_owed, "interest_paid", codes.interest_expense, interest),
        ("accrual", codes.accrued, "accrual_paid", codes.expense("admin", "audit"), fee),
    ):
        legs = (Leg(expense, amount), Leg(owed, -amount))
        book.write(
            month.last, say(name, month=month.label), *legs, word=company.word("transfer")
        )
        company.owed[payment] = (month.label, {owed: -book.balance(owed)})
