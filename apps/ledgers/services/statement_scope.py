"""Which part of the books a statement is about, and the SQL by which all statements read it.

A scope is one or two ledgers (a delta ledger reports its base's lines and its own), a range
of periods, perhaps one dimension value, with or without closing entries. Periods of two
ledgers are matched by fiscal year and number. Turnover is in the base currency; a red-letter
line is negative in its own column.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from apps.ledgers.domain.account_tree import AccountRow
from apps.ledgers.models import Account, DimensionValue, Ledger, Period, PeriodState

if TYPE_CHECKING:
    from collections.abc import Sequence

# Periods of the scope and all before them. Parameters: StatementScope.parameters().
PERIODS_SQL = """
scope AS (
  SELECT p.id, p.ledger_id, p.fiscal_year, p.number, p.starts_on, p.ends_on,
    (p.fiscal_year, p.number) < (%(first_year)s, %(first_number)s) AS is_earlier
  FROM ledgers_period p
  WHERE p.ledger_id = ANY (%(ledgers)s)
    AND (p.fiscal_year, p.number) <= (%(last_year)s, %(last_number)s)
)"""

# Closing entries (bucket 9) are left out of the range alone: what earlier years closed
# stays closed. Opening balances (bucket 1) belong to the opening wherever they stand.
_TOTALS_SQL = """
turnover AS (
  SELECT t.account_id, s.fiscal_year, s.number, s.starts_on, s.ends_on,
    s.is_earlier OR t.bucket = 1 AS is_opening, t.bucket = 1 AS is_brought_in,
    t.debit, t.credit, t.line_count
  FROM scope s JOIN ledgers_accounttotal t ON t.ledger_id = s.ledger_id AND t.period_id = s.id
  WHERE %(with_closing)s OR s.is_earlier OR t.bucket <> 9
)"""
_BALANCES_SQL = """
turnover AS (
  SELECT b.account_id, s.fiscal_year, s.number, s.starts_on, s.ends_on,
    s.is_earlier OR b.bucket = 1 AS is_opening, b.bucket = 1 AS is_brought_in,
    b.base_debit AS debit, b.base_credit AS credit, 0 AS line_count
  FROM scope s JOIN ledgers_accountbalance b ON b.ledger_id = s.ledger_id AND b.period_id = s.id
  WHERE (%(with_closing)s OR s.is_earlier OR b.bucket <> 9) AND b.dimension_set_id IN (
    SELECT d.id FROM ledgers_dimensionset d
    WHERE d.value_ids @> ARRAY[%(dimension_value)s]::bigint[])
)"""


# The columns of an AccountRow, but its label.
ACCOUNT_COLUMNS = (
    "pk",
    "parent_id",
    "code",
    "name",
    "name_zh",
    "initials",
    "account_class",
    "normal_side",
    "is_leaf",
    "is_active",
)


@dataclass(frozen=True, slots=True)
class StatementScope:
    """The part of the books that a statement is about."""

    ledger: Ledger
    first: Period
    last: Period
    dimension: DimensionValue | None = None
    with_closing: bool = True

    def turnover_sql(self) -> str:
        """Return the tables `scope` and `turnover`, from the smallest that has it."""
        return PERIODS_SQL + "," + (_BALANCES_SQL if self.dimension else _TOTALS_SQL)

    def parameters(self) -> dict[str, Any]:
        """Return the parameters of the statements' SQL."""
        return {
            "ledgers": self.ledger.reported_ledger_ids(),
            "first_year": self.first.fiscal_year,
            "first_number": self.first.number,
            "last_year": self.last.fiscal_year,
            "last_number": self.last.number,
            "dimension_value": self.dimension.pk if self.dimension else None,
            "with_closing": self.with_closing,
        }


def default_period(periods: Sequence[Period]) -> Period | None:
    """Return the period that people work in: the last begun one that ever opened."""
    begun = [p for p in periods if p.state != PeriodState.FUTURE and not p.is_adjustment]
    today = timezone.localdate()
    current = [p for p in begun if p.starts_on <= today]
    choice = current or begun or list(periods)
    return choice[-1] if choice else None


def side_of(balance: Decimal) -> str:
    """Return the side 方向 on which a signed balance stands, in short."""
    if not balance:
        return _("nil")
    return _("Dr") if balance > 0 else _("Cr")


def account_row(*columns: Any) -> AccountRow:
    """Make a row of ACCOUNT_COLUMNS, its label in the reader's language."""
    _pk, _parent, _code, name, name_zh, *_others = columns
    is_chinese = (get_language() or "").startswith("zh")
    label = (name_zh or name) if is_chinese else (name or name_zh)
    return AccountRow(*(*columns, label))


def account_rows(chart_id: int) -> list[AccountRow]:
    """Return the accounts of a chart as plain values, in one query."""
    rows = Account.objects.filter(chart_id=chart_id).order_by()
    return [account_row(*row) for row in rows.values_list(*ACCOUNT_COLUMNS)]
