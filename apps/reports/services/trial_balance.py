"""The figures of a trial balance, by one statement over the roll-ups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection

from apps.ledgers.models import AccountClass
from apps.ledgers.services.statement_scope import account_rows
from apps.reports.domain.trial_balance import (
    RowFilter,
    TrialBalance,
    Turnover,
    build_trial_balance,
)

if TYPE_CHECKING:
    from apps.ledgers.services.statement_scope import StatementScope

_FIGURES_SQL = """
SELECT account_id,
  coalesce(sum(debit - credit) FILTER (WHERE is_opening), 0),
  coalesce(sum(debit) FILTER (WHERE NOT is_opening), 0),
  coalesce(sum(credit) FILTER (WHERE NOT is_opening), 0),
  coalesce(sum(line_count), 0)::bigint
FROM turnover GROUP BY account_id
"""


def turnovers_of(scope: StatementScope) -> dict[int, Turnover]:
    """Return the turnover of every account that has any, by its key.

    `line_count` counts the lines of the range and of all periods before it.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH {scope.turnover_sql()} {_FIGURES_SQL}", scope.parameters()
        )
        return {row[0]: Turnover(*row[1:]) for row in cursor.fetchall()}


def trial_balance_of(scope: StatementScope, shown: RowFilter) -> TrialBalance:
    """Return the trial balance of a scope."""
    accounts = account_rows(scope.ledger.chart_id)
    return build_trial_balance(
        accounts, turnovers_of(scope), shown, AccountClass.values
    )
