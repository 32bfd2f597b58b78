"""Plain functions that make rows for tests; each names only what matters to the test."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from apps.ledgers.domain.entries import CREDIT, DEBIT, EntryInput, LineInput, NewEntry
from apps.ledgers.models import (
    Account,
    AccountClass,
    ChartOfAccounts,
    DimensionType,
    DimensionValue,
    JournalEntry,
    Ledger,
    Period,
    PeriodState,
    Side,
)
from apps.ledgers.services.decisions import approve_journal_entry
from apps.ledgers.services.drafts import create_draft, submit_journal_entry
from apps.ledgers.services.periods import change_period, create_fiscal_year
from apps.ledgers.services.posting import post_journal_entry
from apps.organizations.models import Department, LegalEntity, Organization, User
from apps.organizations.permissions import Role
from apps.organizations.services.people import grant_role

PASSWORD = "correct horse battery staple"
YEAR = 2026
DAY = date(YEAR, 1, 15)
_numbers = itertools.count(1)


def make_system_user() -> User:
    """Return the user without an organization that sets others up."""
    found = User.objects.filter(username="system").first()
    return found or User.objects.create_superuser("system", password=None)


def make_organization(code: str = "") -> Organization:
    """Return a new tenant."""
    code = code or f"org-{next(_numbers)}"
    return Organization.create_versioned(actor=make_system_user(), code=code, name=code.title())


def make_department(organization: Organization, **values: Any) -> Department:
    """Return a new department."""
    code = values.pop("code", f"dep-{next(_numbers)}")
    return Department.create_versioned(
        actor=make_system_user(), organization=organization, code=code, name=code, **values
    )


def make_user(organization: Organization, *roles: Role, **values: Any) -> User:
    """Return a new person who holds the roles."""
    username = values.pop("username", f"user-{next(_numbers)}")
    user = User.objects.create_user(
        username, password=PASSWORD, organization=organization, **values
    )
    for role in roles:
        grant_role(user, role, actor=make_system_user())
    return user


def make_accountant(ledger: Ledger) -> User:
    """Return an accountant of the ledger's organization."""
    return make_user(ledger.organization, Role.ACCOUNTANT)


def make_senior(ledger: Ledger) -> User:
    """Return a senior accountant of the ledger's organization."""
    return make_user(ledger.organization, Role.SENIOR_ACCOUNTANT)


def make_approver(ledger: Ledger) -> User:
    """Return an approver of the ledger's organization."""
    return make_user(ledger.organization, Role.APPROVER)


def make_chart(organization: Organization) -> ChartOfAccounts:
    """Return a new, empty chart of accounts."""
    code = f"chart-{next(_numbers)}"
    return ChartOfAccounts.create_versioned(
        actor=make_system_user(), organization=organization, code=code, name=code
    )


def make_ledger(
    organization: Organization | None = None, *, currency: str = "CNY", **values: Any
) -> Ledger:
    """Return a new ledger whose year has January to March open."""
    actor = make_system_user()
    organization = organization or make_organization()
    number = next(_numbers)
    entity = values.pop("entity", None) or LegalEntity.create_versioned(
        actor=actor,
        organization=organization,
        code=f"entity-{number}",
        name=f"Entity {number}",
        functional_currency_id=currency,
    )
    values.setdefault("chart", None)
    values["chart"] = values["chart"] or make_chart(organization)
    ledger = Ledger.create_versioned(
        actor=actor,
        organization=organization,
        entity=entity,
        code=values.pop("code", f"ledger-{number}"),
        name=f"Ledger {number}",
        purpose=values.pop("purpose", Ledger.Purpose.STATUTORY),
        base_currency_id=currency,
        **values,
    )
    for period in create_fiscal_year(ledger, YEAR, actor=actor)[:3]:
        change_period(period, PeriodState.OPEN, version=1, actor=actor)
    return ledger


def make_account(ledger: Ledger, code: str = "", **values: Any) -> Account:
    """Return a new leaf account, an asset unless told otherwise."""
    code = code or str(next(_numbers) + 9000)
    values.setdefault("account_class", AccountClass.ASSET)
    values.setdefault("normal_side", Side.DEBIT)
    return Account.create_versioned(
        actor=make_system_user(),
        chart=ledger.chart,
        code=code,
        name=values.pop("name", f"Account {code}"),
        **values,
    )


def make_dimension_type(organization: Organization, code: str = "") -> DimensionType:
    """Return a new dimension."""
    code = code or f"dim-{next(_numbers)}"
    return DimensionType.create_versioned(
        actor=make_system_user(), organization=organization, code=code, name=code.title()
    )


def make_dimension_value(kind: DimensionType, code: str = "") -> DimensionValue:
    """Return a new value of a dimension."""
    code = code or f"V{next(_numbers)}"
    return DimensionValue.create_versioned(
        actor=make_system_user(),
        organization_id=kind.organization_id,
        type=kind,
        code=code,
        name=f"Value {code}",
    )


def make_line(account: Account, amount: str, **values: Any) -> LineInput:
    """Return a line: debit for a positive amount, credit for a negative one."""
    number = Decimal(amount)
    values.setdefault("side", DEBIT if number > 0 else CREDIT)
    values.setdefault("currency", "CNY")
    return LineInput(account_id=account.pk, amount=number, base_amount=number, **values)


def make_content(
    *lines: tuple[Account, str], day: date = DAY, is_red: bool = False, **values: Any
) -> EntryInput:
    """Return the content of an entry from (account, signed amount) pairs.

    A red entry writes its amounts with a minus into the other column.
    """
    made = [make_line(account, amount) for account, amount in lines]
    if is_red:
        made = [replace(line, side=-line.side) for line in made]
    return EntryInput(entry_date=day, lines=tuple(made), **values)


def make_draft(
    ledger: Ledger, *lines: tuple[Account, str], maker: User | None = None, **values: Any
) -> JournalEntry:
    """Return a stored draft."""
    maker = maker or make_accountant(ledger)
    return create_draft(ledger, make_content(*lines, **values), actor=maker)


def make_submitted(ledger: Ledger, *lines: tuple[Account, str], **values: Any) -> JournalEntry:
    """Return an entry that waits for approval."""
    draft = make_draft(ledger, *lines, **values)
    return submit_journal_entry(draft, version=draft.version, actor=draft.maker)


def make_approved(ledger: Ledger, *lines: tuple[Account, str], **values: Any) -> JournalEntry:
    """Return an entry that another person approved."""
    entry = make_submitted(ledger, *lines, **values)
    return approve_journal_entry(entry, version=entry.version, actor=make_approver(ledger))


def make_posted(ledger: Ledger, *lines: tuple[Account, str], **values: Any) -> JournalEntry:
    """Return a posted entry."""
    entry = make_approved(ledger, *lines, **values)
    return post_journal_entry(entry, version=entry.version, actor=make_senior(ledger))


def make_new_entry(
    ledger: Ledger, *lines: tuple[Account, str], key: str = "", **values: Any
) -> NewEntry:
    """Return an entry for `post_entries`, with a maker and a checker of the ledger."""
    return NewEntry(
        ledger_id=ledger.pk,
        key=key or f"key-{next(_numbers)}",
        maker_id=values.pop("maker_id", None) or make_accountant(ledger).pk,
        checker_id=values.pop("checker_id", None) or make_approver(ledger).pk,
        content=make_content(*lines, **values),
    )


def period_of(ledger: Ledger, number: int) -> Period:
    """Return a period of the test year."""
    return ledger.periods.get(fiscal_year=YEAR, number=number)
