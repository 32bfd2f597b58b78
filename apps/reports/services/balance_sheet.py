"""The figures of a balance sheet, from the same statement as those of a trial balance."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from django.db import connection

from apps.ledgers.services.statement_scope import account_row
from apps.reports.domain.balance_sheet import BalanceSheet, Standing, build_balance_sheet
from apps.reports.services.trial_balance import figures_sql

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apps.ledgers.models import Period
    from apps.ledgers.services.statement_scope import StatementScope

_ACCOUNT_COLUMNS = 10


def balance_sheet_of(
    scope: StatementScope, periods: Sequence[Period], *, depth: int
) -> BalanceSheet:
    """Return the balance sheet at the end of a scope, beside the beginning of its year."""
    year = [period for period in periods if period.fiscal_year == scope.last.fiscal_year]
    accounts, standings = [], {}
    with connection.cursor() as cursor:
        cursor.execute(*figures_sql(replace(scope, first=year[0])))
        for row in cursor.fetchall():
            accounts.append(account_row(*row[:_ACCOUNT_COLUMNS]))
            opening, debit, credit, line_count = row[_ACCOUNT_COLUMNS:]
            if line_count is not None:
                standings[row[0]] = Standing(opening + debit - credit, opening)
    return build_balance_sheet(accounts, standings, depth=depth)
