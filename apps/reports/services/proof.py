"""Prove a trial balance: compare it with sums that the database makes another way.

    lines      every posted line up to the end of the range is added up again
    balances   the turnover of the range is added up from the balances by dimension and
               currency, which posting keeps beside the roll-up; the lines are not read

Books with few lines are proved from the lines on every look; large ones when asked for,
within a time limit.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db import OperationalError, connection, transaction

from apps.ledgers.services.statement_scope import PERIODS_SQL
from apps.reports.services.snapshot import one_snapshot
from apps.reports.services.trial_balance import trial_balance_of

if TYPE_CHECKING:
    from apps.ledgers.services.statement_scope import StatementScope
    from apps.reports.domain.trial_balance import RowFilter, TrialBalance

FEW_LINES = 30_000
TIME_LIMIT_MS = 8_000
_QUERY_CANCELED = "57014"

_LINES_SQL = """
SELECT coalesce(sum(l.base_amount) FILTER (WHERE s.is_earlier OR bucket = 1), 0.00),
  coalesce(sum(l.debit) FILTER (WHERE NOT s.is_earlier AND bucket <> 1), 0.00),
  coalesce(sum(l.credit) FILTER (WHERE NOT s.is_earlier AND bucket <> 1), 0.00),
  count(*)
FROM scope s
JOIN ledgers_journalentry e ON e.ledger_id = s.ledger_id AND e.period_id = s.id
JOIN ledgers_journalline l ON l.entry_id = e.id
LEFT JOIN ledgers_journalentry o ON o.id = e.reversal_of_id
CROSS JOIN LATERAL ledgers_bucket(coalesce(o.kind, e.kind)) AS bucket
WHERE e.state = 'posted' AND (%(with_closing)s OR s.is_earlier OR bucket <> 9)
  AND (%(dimension_value)s::bigint IS NULL OR l.dimension_set_id IN (
    SELECT d.id FROM ledgers_dimensionset d
    WHERE d.value_ids @> ARRAY[%(dimension_value)s]::bigint[]))
"""
_BALANCES_SQL = """
SELECT NULL::numeric,
  coalesce(sum(b.base_debit) FILTER (WHERE b.bucket <> 1), 0.00),
  coalesce(sum(b.base_credit) FILTER (WHERE b.bucket <> 1), 0.00),
  count(*)
FROM scope s
JOIN ledgers_accountbalance b ON b.ledger_id = s.ledger_id AND b.period_id = s.id
WHERE NOT s.is_earlier AND (%(with_closing)s OR b.bucket <> 9)
"""


class Source(StrEnum):
    """What the figures were compared with."""

    LINES = "lines"
    BALANCES = "balances"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Sums of the database; `opening` is None where only the range was added up."""

    source: Source
    opening: Decimal | None
    debit: Decimal
    credit: Decimal
    row_count: int


@dataclass(frozen=True, slots=True)
class Proof:
    """Whether the report agrees with the evidence; None where time ran out."""

    evidence: Evidence | None
    is_whole: bool
    agrees: bool
    balances: bool

    @property
    def holds(self) -> bool:
        """Whether all that was checked is right; one dimension alone need not balance."""
        return self.agrees and (self.balances or not self.is_whole)


def prove(report: TrialBalance, scope: StatementScope, *, from_lines: bool) -> Proof:
    """Compare all accounts of the report, shown or not, with what the database adds up."""
    is_whole = scope.dimension is None
    is_quick = is_whole and report.line_count <= FEW_LINES
    by_lines = from_lines or is_quick or not is_whole
    source = Source.LINES if by_lines else Source.BALANCES
    evidence = _gather(scope, source) if is_quick else _gather_in_time(scope, source)
    whole = report.whole
    opening = whole.opening_debit - whole.opening_credit
    return Proof(
        evidence=evidence,
        is_whole=is_whole,
        agrees=evidence is not None
        and (evidence.debit, evidence.credit) == (whole.debit, whole.credit)
        and evidence.opening in {None, opening},
        balances=opening == 0 and whole.debit == whole.credit,
    )


def proved_trial_balance(
    scope: StatementScope, shown: RowFilter, *, from_lines: bool
) -> tuple[TrialBalance, Proof]:
    """Return a trial balance and its proof.

    Something may be posted between the two statements; when they differ, both are read
    again at one point in time, and what differs then is wrong.
    """
    report = trial_balance_of(scope, shown)
    proof = prove(report, scope, from_lines=from_lines)
    if proof.holds or proof.evidence is None:
        return report, proof
    with one_snapshot():
        report = trial_balance_of(scope, shown)
        return report, prove(report, scope, from_lines=from_lines)


def _gather(scope: StatementScope, source: Source) -> Evidence:
    sql = _LINES_SQL if source == Source.LINES else _BALANCES_SQL
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {PERIODS_SQL} {sql}", scope.parameters())
        return Evidence(source, *cursor.fetchone())


def _gather_in_time(scope: StatementScope, source: Source) -> Evidence | None:
    """Return None where the database needs longer than the limit."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            limit = f"{TIME_LIMIT_MS}ms"
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [limit])
            return _gather(scope, source)
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") != _QUERY_CANCELED:
            raise
        return None
