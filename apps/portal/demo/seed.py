"""Make the demo, all of it in one transaction: a run that is killed leaves nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import connection, transaction

from apps.core.trace import trace
from apps.ledgers.models import EntryKind, JournalLine
from apps.ledgers.services.ledger_setup import make_chart
from apps.organizations.models import Organization
from apps.portal.demo import names
from apps.portal.demo.books import (
    Dimensions,
    make_delta,
    make_ledger,
    open_periods,
)
from apps.portal.demo.budgets import make_budgets
from apps.portal.demo.calendar import Month, months_until
from apps.portal.demo.closing import close_month, pay_taxes
from apps.portal.demo.company import Company, OpenItem
from apps.portal.demo.foreign import trade_abroad
from apps.portal.demo.journal import DemoBook, Leg
from apps.portal.demo.management import run_management
from apps.portal.demo.overheads import run_overheads
from apps.portal.demo.people import Staff, add_clerks, make_staff
from apps.portal.demo.periods import (
    choose_international_closing,
    close_periods,
    enter_closing_rates,
)
from apps.portal.demo.policies import (
    CHINA,
    GERMANY,
    leave_policy_waiting,
    put_policy_in_force,
)
from apps.portal.demo.profiles import BERLIN, EAST_CHINA, HONG_KONG, Profile
from apps.portal.demo.proposals import leave_proposals_waiting
from apps.portal.demo.purchasing import buy, buy_equipment, buy_services, pay_suppliers
from apps.portal.demo.rates import leave_a_rate_waiting, make_rates
from apps.portal.demo.reconciling import reconcile_statements, work_on_bank
from apps.portal.demo.rollouts import begin_rollout
from apps.portal.demo.rounds import make_rounds
from apps.portal.demo.sales import collect, sell, sell_currency
from apps.portal.demo.settling import settle_what_was_paid
from apps.portal.demo.statements import bring_statements
from apps.portal.demo.troubles import relay_and_leave_troubles
from apps.portal.demo.waiting import leave_work_waiting
from apps.portal.demo.wallet import sell_in_shop
from apps.portal.tenants import create_tenant

if TYPE_CHECKING:
    from apps.ledgers.models import ChartOfAccounts

HUADONG, SPREE = "huadong", "spree"
_ONE_SEED_AT_A_TIME = 20_260_101
_FIRST_DUE_DAYS = 40

Say = Callable[[str], object]


def seed(today: date, password: str, say: Say) -> bool:
    """Make the demo as it is on a day; return False if it is there already.

    `say` gets a line of progress now and then.
    """
    with trace(), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_SEED_AT_A_TIME])
        if Organization.objects.filter(code=HUADONG).exists():
            return False
        months = months_until(today)
        make_rates(months)
        _seed_huadong(months, password, say)
        _seed_spree(months, password, say)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    reconcile_statements(Organization.objects.get(code=HUADONG))
    work_on_bank(Organization.objects.get(code=HUADONG))
    relay_and_leave_troubles(Organization.objects.get(code=HUADONG))
    return True


def line_count() -> int:
    """Return how many journal lines there are."""
    return JournalLine.objects.count()


def _seed_huadong(months: list[Month], password: str, say: Say) -> None:
    organization = create_tenant(HUADONG, "Huadong Shared Services", "华东共享财务中心")
    people = names.HUADONG_PEOPLE
    staff = make_staff(organization, people, names.HUADONG_UNITS, password)
    senior = staff.users["senior"]
    dimensions = Dimensions(organization, senior)
    dimensions.add("department", names.HUADONG_UNITS)
    customers = names.CHINA_CUSTOMERS + names.HONG_KONG_CUSTOMERS
    suppliers = names.CHINA_SUPPLIERS + names.HONG_KONG_SUPPLIERS
    dimensions.add("customer", customers + names.OVERSEAS_CUSTOMERS)
    dimensions.add("supplier", (*suppliers, *names.OVERSEAS_SUPPLIERS, names.NEW_SUPPLIER))
    dimensions.add("project", names.PROJECTS)
    dimensions.add("employee", names.employees(people))
    put_policy_in_force(CHINA, staff, months[0].first, reason="政策手册第一版")
    leave_policy_waiting(senior)
    begin_rollout(staff.users["admin"], names.PILOTS)
    clerks = [*staff.makers, *add_clerks(organization, names.HUADONG_CLERKS)]
    say("people, dimensions and policies of Huadong Shared Services")
    charts = {
        profile.ledger: make_chart(organization, profile.chart, actor=senior)
        for profile in (EAST_CHINA, HONG_KONG)
    }
    for profile in (EAST_CHINA, HONG_KONG):
        book = _keep_books(profile, charts[profile.ledger], staff, dimensions, months)
        if profile is EAST_CHINA:
            _keep_management_books(book, months)
            make_rounds(book, clerks, months[-1].until)
            make_budgets(book, months[-1].until)
            bring_statements(book, months[-1].until)
        leave_work_waiting(book, profile, months[-1].until)
        settle_what_was_paid(book.ledger, months[-1].until, actor=staff.makers[0])
        say(profile.entity_name)
    leave_proposals_waiting(EAST_CHINA.ledger, staff, months[-1].until)
    leave_a_rate_waiting(staff.users["treasury"], months[-1].until)


def _seed_spree(months: list[Month], password: str, say: Say) -> None:
    organization = create_tenant(SPREE, "Spree Group", "施普雷集团")
    people = names.SPREE_PEOPLE
    staff = make_staff(organization, people, names.SPREE_UNITS, password)
    senior = staff.seniors[0]
    dimensions = Dimensions(organization, senior)
    dimensions.add("department", names.SPREE_UNITS)
    dimensions.add("customer", names.BERLIN_CUSTOMERS)
    dimensions.add("supplier", names.BERLIN_SUPPLIERS)
    dimensions.add("employee", names.employees(people))
    put_policy_in_force(GERMANY, staff, months[0].first, reason="Policy manual, first edition")
    leave_policy_waiting(staff.users["berlin.senior"])
    chart = make_chart(organization, BERLIN.chart, actor=senior)
    book = _keep_books(BERLIN, chart, staff, dimensions, months)
    leave_work_waiting(book, BERLIN, months[-1].until)
    settle_what_was_paid(book.ledger, months[-1].until, actor=staff.makers[0])
    say(BERLIN.entity_name)


def _keep_books(
    profile: Profile,
    chart: ChartOfAccounts,
    staff: Staff,
    dimensions: Dimensions,
    months: list[Month],
) -> DemoBook:
    """Open a ledger, run the company through the months, close what is over."""
    senior = staff.seniors[0]
    ledger = make_ledger(profile, chart, actor=senior)
    open_periods(ledger, months, actor=senior)
    book = DemoBook(ledger, staff, dimensions)
    company = Company(profile, book)
    _open_books(company, months[0])
    if not profile.is_chinese:
        choose_international_closing(ledger, actor=senior)
    enter_closing_rates(company, staff, months)
    for month in months:
        buy(company, month)
        sell(company, month)
        buy_services(company, month)
        buy_equipment(company, month)
        pay_taxes(company, month)
        run_overheads(company, month)
        collect(company, month)
        sell_currency(company, month)
        pay_suppliers(company, month)
        if profile.is_chinese and month is months[-2]:
            trade_abroad(company, months)
            sell_in_shop(company, month)
        close_month(company, month)
        book.post()
    close_periods(ledger, months, actor=senior, is_chinese=profile.is_chinese)
    return book


def _open_books(company: Company, month: Month) -> None:
    """Write the opening balances; what is owed by and to others comes by partner."""
    profile, codes = company.profile, company.codes
    legs = []
    for name, amount in profile.opening.items():
        if name == "receivable":
            legs += _open_items(company, month, Decimal(amount), 1)
        elif name == "payable":
            legs += _open_items(company, month, Decimal(-amount), -1)
        else:
            legs.append(Leg(getattr(codes, name), Decimal(amount)))
    rest = sum((leg.amount for leg in legs), start=Decimal(0))
    legs.append(Leg(codes.retained, -rest))
    company.book.write(month.first, company.say("opening"), *legs, kind=EntryKind.OPENING)


def _open_items(company: Company, month: Month, total: Decimal, sign: int) -> list[Leg]:
    """Split what is owed over the partners and remember it as open items."""
    profile, codes = company.profile, company.codes
    partners = profile.customers if sign > 0 else profile.suppliers
    code = codes.receivable if sign > 0 else codes.payable
    waiting = company.receivables if sign > 0 else company.payables
    legs = []
    for partner, amount in zip(partners, company.amounts(total, len(partners)), strict=True):
        due = month.first + timedelta(days=company.rng.randint(1, _FIRST_DUE_DAYS))
        item = OpenItem(partner, due, amount)
        waiting.append(item)
        legs.append(item.leg(code, sign))
    return legs


def _keep_management_books(base: DemoBook, months: list[Month]) -> None:
    ledger = make_delta(
        base.ledger,
        code="east-china-mgmt",
        name="East China · management ledger",
        name_zh="华东公司 · 管理账簿",
        actor=base.staff.seniors[0],
    )
    open_periods(ledger, months, actor=base.staff.seniors[0])
    run_management(DemoBook(ledger, base.staff, base.dimensions), months)
    close_periods(ledger, months, actor=base.staff.seniors[0])
