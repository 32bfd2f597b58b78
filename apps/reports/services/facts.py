"""What stands beside a trial balance: how much is posted, what waits, and six months."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import connection
from django.utils.translation import gettext as _

from apps.core.charts import BarChart, bar_chart
from apps.ledgers.services.statement_scope import PERIODS_SQL

if TYPE_CHECKING:
    from apps.ledgers.services.statement_scope import StatementScope

CHART_MONTHS = 6
_THOUSAND = 1000
_CENT = Decimal("0.01")

# Numbers are gapless and given at posting, so that a counter counts the entries and its
# last number is the entry posted last.
_FACTS_SQL = """
, counters AS (
  SELECT c.* FROM scope s JOIN ledgers_entrycounter c
    ON c.ledger_id = s.ledger_id AND c.period_id = s.id WHERE NOT s.is_earlier
)
SELECT (SELECT coalesce(sum(last_number), 0)::bigint FROM counters),
  (SELECT max(e.posted_at) FROM counters c JOIN ledgers_journalentry e
    ON e.ledger_id = c.ledger_id AND e.period_id = c.period_id AND e.word = c.word
      AND e.number = c.last_number),
  (SELECT count(*) FROM ledgers_journalentry e
    WHERE e.ledger_id = %(ledger)s AND e.state = 'submitted'),
  (SELECT json_agg(json_build_array(month, income::text, expense::text) ORDER BY month)
    FROM by_month)
"""
_MONTHS_SQL = """
, months AS (
  SELECT fiscal_year, number FROM ledgers_period
  WHERE ledger_id = %(ledger)s AND NOT is_adjustment
    AND (fiscal_year, number) <= (%(last_year)s, %(last_number)s)
  ORDER BY fiscal_year DESC, number DESC LIMIT %(months)s
), by_month AS (
SELECT format('%%s-%%s', m.fiscal_year, lpad(m.number::text, 2, '0')) AS month,
  coalesce(sum(t.credit - t.debit)
    FILTER (WHERE a.statement_section = 'income'), 0.00) AS income,
  coalesce(sum(t.debit - t.credit)
    FILTER (WHERE a.statement_section = 'expense'), 0.00) AS expense
FROM months m
JOIN ledgers_period p ON p.ledger_id = ANY (%(ledgers)s) AND p.fiscal_year = m.fiscal_year
  AND p.number = m.number
LEFT JOIN ledgers_accounttotal t ON t.ledger_id = p.ledger_id AND t.period_id = p.id
  AND t.bucket = 0
LEFT JOIN ledgers_account a ON a.id = t.account_id
GROUP BY m.fiscal_year, m.number)
"""


@dataclass(frozen=True, slots=True)
class Month:
    """Income and expenses of a month, closing entries not counted."""

    label: str
    income: Decimal
    expense: Decimal


@dataclass(frozen=True, slots=True)
class Facts:
    """Posted entries of the range, the last posting among them, what is in approval, months."""

    posted_count: int
    last_posted_at: datetime | None
    submitted_count: int
    months: tuple[Month, ...]

    def income_chart(self) -> IncomeChart | None:
        """Return the months as bars, None where there is nothing to draw.

        A month whose income or expenses are negative on balance shows no bar for them.
        """
        if not any(month.income or month.expense for month in self.months):
            return None
        groups = [
            (month.label, _thousands(month.income), _thousands(month.expense))
            for month in self.months
        ]
        sentences = [
            _("%(month)s: income %(income)s, expenses %(expense)s")
            % {"month": month, "income": f"{income:,.2f}", "expense": f"{expense:,.2f}"}
            for month, income, expense in groups
        ]
        return IncomeChart(bar_chart(groups), "; ".join(sentences))


@dataclass(frozen=True, slots=True)
class IncomeChart:
    """Bars in thousands of the base currency, and the same in one sentence."""

    chart: BarChart
    summary: str

    @property
    def series(self) -> tuple[str, str]:
        """The names of the two kinds of bars."""
        return _("Income"), _("Expenses")


def facts_of(scope: StatementScope) -> Facts:
    """Count what is posted in the range, what waits in the ledger, and sum six months."""
    parameters = scope.parameters() | {"ledger": scope.ledger.pk, "months": CHART_MONTHS}
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {PERIODS_SQL} {_MONTHS_SQL} {_FACTS_SQL}", parameters)
        posted, last_posted_at, submitted, months = cursor.fetchone()
    read = (
        Month(label, Decimal(income), Decimal(expense))
        for label, income, expense in months or ()
    )
    return Facts(posted, last_posted_at, submitted, tuple(read))


def _thousands(amount: Decimal) -> Decimal:
    return max(amount / _THOUSAND, Decimal(0)).quantize(_CENT)
