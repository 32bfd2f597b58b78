"""The figures of a trial balance, by one statement over the roll-ups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection

from apps.ledgers.models import AccountClass
from apps.ledgers.services.statement_scope import account_row
from apps.reports.domain.trial_balance import (
    RowFilter,
    TrialBalance,
    Turnover,
    build_trial_balance,
)

if TYPE_CHECKING:
    from apps.ledgers.services.statement_scope import StatementScope

# Every account of the chart, with figures where it has any: one statement, one snapshot.
_FIGURES_SQL = """
SELECT a.id, a.parent_id, a.code, a.name, a.name_zh, a.initials, a.account_class,
  a.normal_side, a.is_leaf, a.is_active, f.opening, f.debit, f.credit, f.line_count
FROM ledgers_account a
LEFT JOIN (
  SELECT account_id,
    coalesce(sum(debit - credit) FILTER (WHERE is_opening), 0.00) AS opening,
    coalesce(sum(debit) FILTER (WHERE NOT is_opening), 0.00) AS debit,
    coalesce(sum(credit) FILTER (WHERE NOT is_opening), 0.00) AS credit,
    sum(line_count)::bigint AS line_count
  FROM turnover GROUP BY account_id
) f ON f.account_id = a.id
WHERE a.chart_id = %(chart)s
"""
_ACCOUNT_COLUMNS = 10


def figures_sql(scope: StatementScope) -> tuple[str, dict[str, Any]]:
    """Return the statement that reads all figures of a scope, and its parameters."""
    parameters = scope.parameters() | {"chart": scope.ledger.chart_id}
    return f"WITH {scope.turnover_sql()} {_FIGURES_SQL}", parameters


def trial_balance_of(scope: StatementScope, shown: RowFilter) -> TrialBalance:
    """Return the trial balance of a scope.

    Its `line_count` counts the lines of the range and of all periods before it.
    """
    accounts, turnovers = [], {}
    with connection.cursor() as cursor:
        cursor.execute(*figures_sql(scope))
        for row in cursor.fetchall():
            accounts.append(account_row(*row[:_ACCOUNT_COLUMNS]))
            if row[-1] is not None:
                turnovers[row[0]] = Turnover(*row[_ACCOUNT_COLUMNS:])
    return build_trial_balance(accounts, turnovers, shown, AccountClass.values)
