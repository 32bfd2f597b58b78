"""Books to post into: a tenant, one open year, many accounts, and the people it takes."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from apps.core.operation import operation
from apps.ledgers.domain.entries import CREDIT, DEBIT, EntryInput, LineInput, NewEntry
from apps.ledgers.models import Account, AccountClass, ChartOfAccounts, Ledger, PeriodState
from apps.ledgers.services.periods import change_period, create_fiscal_year
from apps.organizations.models import LegalEntity, Organization, User
from apps.organizations.permissions import Role
from apps.organizations.services.people import create_user, grant_role

YEAR = 2026
WORDS = ("general", "receipt", "payment", "transfer")


@dataclass(frozen=True, slots=True)
class Books:
    """Where the benchmarks post, as keys."""

    ledger: Ledger
    maker: User
    checker: User
    poster: User
    account_ids: list[int]


def make_books(
    code: str = "bench", *, accounts: int = 1_000, years: int = 1, currency: str = "CNY"
) -> Books:
    """Make a ledger with that many leaf accounts and every month of the years open."""
    system = User.objects.filter(username="system").first()
    system = system or User.objects.create_superuser("system", password=None)
    with operation("bench.prepare", actor=system):
        organization = Organization.create_versioned(actor=system, code=code, name=code)
        chart = ChartOfAccounts.create_versioned(
            actor=system, organization=organization, code=code, name=code
        )
        entity = LegalEntity.create_versioned(
            actor=system,
            organization=organization,
            code=code,
            name=code,
            functional_currency_id=currency,
        )
        ledger = Ledger.create_versioned(
            actor=system,
            organization=organization,
            entity=entity,
            code=code,
            name=code,
            purpose=Ledger.Purpose.STATUTORY,
            base_currency_id=currency,
            chart=chart,
        )
        made = _make_accounts(chart, accounts, system)
    _open_years(ledger, years, system)
    people = [
        _make_person(organization, f"{code}-{role}", role, system)
        for role in (Role.ACCOUNTANT, Role.APPROVER, Role.SENIOR_ACCOUNTANT)
    ]
    maker, checker, poster = people
    return Books(ledger, maker, checker, poster, made)


def make_entry(
    books: Books,
    rng: random.Random,
    key: str,
    *,
    accounts: tuple[int, int] | None = None,
    month: int | None = None,
) -> NewEntry:
    """Return an entry of two lines on random accounts, on a random day of a month or year."""
    debit, credit = accounts or tuple(rng.sample(books.account_ids, 2))
    amount = Decimal(rng.randint(1, 1_000_000)).scaleb(-2)
    lines = tuple(
        LineInput(
            account, side, side * amount, side * amount, "CNY", "Invoice 2026-0815, office"
        )
        for account, side in ((debit, DEBIT), (credit, CREDIT))
    )
    return NewEntry(
        ledger_id=books.ledger.pk,
        key=key,
        content=EntryInput(
            entry_date=date(YEAR, month or rng.randint(1, 12), rng.randint(1, 28)),
            lines=lines,
            word=rng.choice(WORDS),
            summary="Invoice 2026-0815, office",
        ),
        maker_id=books.maker.pk,
        checker_id=books.checker.pk,
    )


def _make_accounts(chart: ChartOfAccounts, count: int, actor: User) -> list[int]:
    classes = (AccountClass.ASSET, AccountClass.LIABILITY, AccountClass.PROFIT_LOSS)
    rows = [
        Account(
            chart=chart,
            code=f"{10_000 + number}",
            name=f"Account {number}",
            account_class=classes[number % len(classes)],
            normal_side=DEBIT if number % 2 else CREDIT,
        )
        for number in range(count)
    ]
    return [account.pk for account in Account.create_many_versioned(rows, actor=actor)]


def _open_years(ledger: Ledger, years: int, actor: User) -> None:
    for year in range(YEAR, YEAR + years):
        for period in create_fiscal_year(ledger, year, actor=actor):
            if not period.is_adjustment:
                change_period(period, PeriodState.OPEN, version=period.version, actor=actor)


def _make_person(organization: Organization, username: str, role: Role, actor: User) -> User:
    user = create_user(actor=actor, organization=organization, username=username, password=None)
    grant_role(user, role, actor=actor)
    return user
