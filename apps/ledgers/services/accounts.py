"""The chart of accounts: import a standard one, add, change and deactivate accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import IntegrityError

from apps.core.errors import InvalidInput
from apps.core.operation import operation
from apps.core.text import clean_text
from apps.ledgers.database_errors import refusals_in_words
from apps.ledgers.domain.pinyin import pinyin_initials
from apps.ledgers.domain.standard_charts import (
    SUSPENSE_CODES,
    ChartRow,
    StandardChart,
    read_standard_chart,
)
from apps.ledgers.import_errors import AccountsAppeared
from apps.ledgers.models import Account, ChartOfAccounts, DimensionType, Side

if TYPE_CHECKING:
    from collections.abc import Iterable

    from apps.organizations.models import User


def import_standard_chart(
    chart: ChartOfAccounts, standard: StandardChart, *, actor: User
) -> list[Account]:
    """Add the accounts of a standard chart that the chart does not have yet.

    Accounts that exist keep what people changed in them.
    """
    dimension_ids = _dimension_ids(chart)
    accounts = {account.code: account for account in chart.accounts.all()}
    missing = [row for row in read_standard_chart(standard) if row.code not in accounts]
    added: list[Account] = []
    with operation("chart.import", actor=actor, reason=standard), refusals_in_words():
        while missing:
            # A level at a time: parents exist before their children.
            level = [
                row for row in missing if not row.parent_code or row.parent_code in accounts
            ]
            made = Account.create_many_versioned(
                [
                    Account(
                        chart=chart,
                        parent=accounts.get(row.parent_code),
                        **_values(row, dimension_ids),
                    )
                    for row in level
                ],
                actor=actor,
                reason=f"import {standard}",
            )
            accounts |= {account.code: account for account in made}
            added += made
            missing = [row for row in missing if row.code not in accounts]
    return added


def create_account(chart: ChartOfAccounts, *, actor: User, **values: Any) -> Account:
    """Add an account below a group.

    Raises:
        InvalidInput: the code exists already.
        AccountCannotChange: the parent takes postings or is of another class.
    """
    values |= {"initials": initials_of(values["name"], values.get("name_zh", ""))}
    try:
        with operation("account.create", actor=actor), refusals_in_words():
            return Account.create_versioned(actor=actor, chart=chart, **values)
    except IntegrityError as error:
        raise InvalidInput(
            field="code",
            field_name=Account._meta.get_field("code").verbose_name,
            problem=values["code"],
        ) from error


def create_accounts_below(
    group: Account, codes: Iterable[str], *, actor: User
) -> dict[str, Account]:
    """Add leaves that take name, class and side from their group; return them by code.

    Raises:
        AccountsAppeared: one of the codes exists already.
        AccountCannotChange: the parent takes postings or is of another class.
    """
    rows = [_account_below(group, code) for code in codes]
    try:
        with operation("account.create", actor=actor), refusals_in_words():
            made = Account.create_many_versioned(rows, actor=actor)
    except IntegrityError as error:
        raise AccountsAppeared from error
    return {account.code: account for account in made}


def change_account(account: Account, *, version: int, actor: User, **changes: Any) -> Account:
    """Change an account at the version the actor saw; deactivating is a change too.

    Raises:
        AccountCannotChange: it has lines, and class, side, currency or leaf would change.
        StaleVersion: somebody changed it after `version`.
    """
    for field in ("name", "name_zh"):
        if field in changes:
            changes[field] = clean_text(changes[field], field=field)
    changes["initials"] = initials_of(
        changes.get("name", account.name), changes.get("name_zh", account.name_zh)
    )
    with operation("account.change", actor=actor), refusals_in_words():
        return account.update_versioned(
            actor=actor, reason="change", expected_version=version, **changes
        )


def initials_of(name: str, name_zh: str) -> str:
    """Return what a person may type to find the name: pinyin and latin initials."""
    return " ".join(filter(None, (pinyin_initials(name_zh), pinyin_initials(name))))[:120]


def _account_below(group: Account, code: str) -> Account:
    name = f"{group.name} {code}"[:120]
    name_zh = f"{group.name_zh} {code}"[:120] if group.name_zh else ""
    return Account(
        chart=group.chart,
        parent=group,
        code=code,
        name=name,
        name_zh=name_zh,
        initials=initials_of(name, name_zh),
        account_class=group.account_class,
        normal_side=group.normal_side,
        statement_section=group.statement_section,
    )


def _dimension_ids(chart: ChartOfAccounts) -> dict[str, int]:
    types = DimensionType.objects.filter(organization=chart.organization_id)
    return dict(types.values_list("code", "pk"))


def _values(row: ChartRow, dimension_ids: dict[str, int]) -> dict[str, Any]:
    return {
        "code": row.code,
        "name": row.name_en,
        "name_zh": row.name_zh,
        "initials": initials_of(row.name_en, row.name_zh),
        "account_class": row.account_class,
        "normal_side": Side.DEBIT if row.normal_side == "debit" else Side.CREDIT,
        "statement_section": row.statement_section,
        "is_leaf": row.is_leaf,
        "control": row.control,
        "allows_manual": row.allows_manual,
        "is_revalued": row.revalue,
        "is_suspense": row.code in SUSPENSE_CODES,
        "required_dimension_ids": sorted(
            dimension_ids[code] for code in row.required_dimensions if code in dimension_ids
        ),
    }
