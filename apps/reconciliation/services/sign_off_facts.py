"""What the proof of a run is made of: balances from their sources, open rows from results.

Everything is as the run saw it (its marks) and as it was at its cut-off: a row that is matched
with one of a later day was open then. So the same facts are found again years later.

    cleared     matched by this run or an earlier one, with rows up to the cut-off alone
    open        all other rows that took part
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Min

from apps.reconciliation.domain.buckets import MATCHED, Side
from apps.reconciliation.domain.proof import OpenItem, Total
from apps.reconciliation.models import ReconciliationRun
from apps.reconciliation.services.loading import money_of_books
from apps.reconciliation.services.row_parts import PART_OF_ITEM
from apps.reconciliation.services.sign_off_splits import as_split_then
from apps.statements.domain.gaps import Span
from apps.statements.models import StatementFile, StatementPart
from apps.statements.services.stated_balances import stated_of as stated_of_channel

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from apps.statements.models import StatedBalance

_MATCHED = ", ".join(f"'{bucket}'" for bucket in sorted(MATCHED))
_SEEN = "l.id <= %(book_mark)s AND e.posted_at <= %(marked_at)s"
# One scan for both: the account may have a million lines.
_BOOK_FACTS = f"""
SELECT coalesce(sum({{amount}}) FILTER (WHERE {_SEEN} AND {{currency}} = %(currency)s), 0),
  count(*) FILTER (WHERE NOT ({_SEEN}))
FROM ledgers_journalline l
JOIN ledgers_journalentry e ON e.id = l.entry_id AND e.state = 'posted'
WHERE l.ledger_id = %(ledger)s AND l.account_id = %(account)s AND l.entry_date <= %(to_on)s
"""
_LINES = """statements_statementline l
  JOIN statements_statementfile f ON f.id = l.statement_id AND f.state = 'imported'"""
_LATE_STATEMENT = f"""
SELECT count(*) FROM {_LINES}
WHERE l.channel_id = %(channel)s AND l.booked_on <= %(to_on)s AND l.id > %(statement_mark)s
"""
_DAILY = f"""
SELECT l.booked_on, sum(l.amount) FROM {_LINES}
WHERE l.channel_id = %(channel)s AND l.id <= %(statement_mark)s GROUP BY 1
"""
_ROWS = {
    Side.BOOK: f"""SELECT m.side, m.item_id, m.bucket, m.amount, m.currency,
    l.entry_date AS day
  FROM reconciliation_matcheditem m {PART_OF_ITEM}
  JOIN ledgers_journalline l ON l.id = coalesce(p.line_id, m.item_id)
  JOIN ledgers_journalentry e ON e.id = l.entry_id
  WHERE m.channel_id = %(channel)s AND m.side = 'book' AND l.entry_date <= %(to_on)s
    AND l.id <= %(book_mark)s AND e.posted_at <= %(marked_at)s""",
    Side.STATEMENT: f"""SELECT m.side, m.item_id, m.bucket, m.amount, m.currency,
    l.booked_on AS day
  FROM reconciliation_matcheditem m {PART_OF_ITEM}
  JOIN statements_statementline l ON l.id = coalesce(p.line_id, m.item_id)
  WHERE m.channel_id = %(channel)s AND m.side = 'statement' AND l.booked_on <= %(to_on)s
    AND l.id <= %(statement_mark)s""",
}
_OPEN_NOW = " UNION ALL ".join(
    f"{rows} AND m.bucket NOT IN ({_MATCHED})" for rows in _ROWS.values()
)
# What was matched by a run that saw more than this one, with rows that this one did not see.
_GROUPS_AFTER = f"""
SELECT m.group_id FROM reconciliation_matcheditem m {PART_OF_ITEM}
LEFT JOIN ledgers_journalline b ON m.side = 'book' AND b.id = coalesce(p.line_id, m.item_id)
LEFT JOIN statements_statementline s ON m.side = 'statement'
  AND s.id = coalesce(p.line_id, m.item_id)
WHERE m.channel_id = %(channel)s AND m.run_id = ANY(%(others)s) AND m.bucket IN ({_MATCHED})
GROUP BY m.group_id
HAVING bool_or(m.run_id > %(run)s) OR max(coalesce(b.entry_date, s.booked_on)) > %(to_on)s
"""
_OPEN_THEN = " UNION ALL ".join(
    f"{rows} AND m.bucket IN ({_MATCHED}) AND m.run_id = ANY(%(others)s)"
    f" AND m.group_id IN ({_GROUPS_AFTER})"
    for rows in _ROWS.values()
)
_DELTAS = f"""
SELECT m.bucket, count(*) FILTER (WHERE m.delta <> 0), sum(m.delta)
FROM reconciliation_matcheditem m JOIN statements_channel c ON c.id = m.channel_id
WHERE m.channel_id = %(channel)s AND m.bucket IN ({_MATCHED}) AND m.bucket <> 'exact'
  AND m.currency = c.currency_id AND m.run_id <= %(run)s
  AND (NOT m.run_id = ANY(%(others)s) OR m.group_id NOT IN ({_GROUPS_AFTER}))
GROUP BY 1 HAVING sum(m.delta) <> 0 OR count(*) FILTER (WHERE m.delta <> 0) > 0 ORDER BY 1
"""


def balance_and_late_rows(run: ReconciliationRun) -> tuple[Decimal, int]:
    """Return the balance of the account at the cut-off, and how many rows came after the run.

    These are of the run's days and of both sides.
    """
    currency, amount = money_of_books(run.channel)
    balance, late = _rows(_BOOK_FACTS.format(currency=currency, amount=amount), run)[0]
    return Decimal(balance), int(late) + int(_rows(_LATE_STATEMENT, run)[0][0])


def daily_totals(run: ReconciliationRun) -> dict[date, Decimal]:
    """Return the sum of the lines of statements by day."""
    return dict(_rows(_DAILY, run))


def stated_of(run: ReconciliationRun) -> list[StatedBalance]:
    """Return the balances that people stated until the cut-off, where files tell none."""
    if spans_of(run):
        return []
    rows = stated_of_channel(run.channel).filter(at_on__lte=run.to_on)
    return list(rows.order_by("at_on"))


def spans_of(run: ReconciliationRun) -> list[Span]:
    """Return the statements of the channel that tell balances."""
    parts = StatementPart.objects.filter(
        statement__in=_files(run), opening_balance__isnull=False
    )
    columns = ("from_on", "to_on", "opening_balance", "closing_balance")
    return [Span(*row) for row in parts.values_list(*columns)]


def files_of(run: ReconciliationRun) -> QuerySet[StatementFile]:
    """Return the statements that say something about the run's days."""
    return _files(run).filter(to_on__gte=run.from_on, from_on__lte=run.to_on).order_by("pk")


def open_items(run: ReconciliationRun) -> list[OpenItem]:
    """Return what was open at the cut-off, ordered by side and key."""
    found = {(side, pk): (side, pk, *more) for side, pk, *more in _rows(_OPEN_NOW, run)}
    if _others(run):
        for side, pk, _bucket, *more in _rows(_OPEN_THEN, run):
            category = "missing_ext" if side == Side.BOOK else "missing_int"
            found[side, pk] = (side, pk, category, *more)
    found = as_split_then(run, found)
    return sorted(OpenItem(Side(side), *more) for side, *more in found.values())


def deltas_of(run: ReconciliationRun) -> tuple[Total, ...]:
    """Return by how much statements have more than the books in what was matched."""
    return tuple(Total(*row) for row in _rows(_DELTAS, run))


def first_day(run: ReconciliationRun) -> date:
    """Return the first day that takes part: where the channel's first run that counts began."""
    runs = ReconciliationRun.objects.filter(channel=run.channel_id, pk__lte=run.pk)
    counting = runs.exclude(state__in=("failed", "cancelled"))
    return counting.aggregate(first=Min("from_on"))["first"] or run.from_on


def _files(run: ReconciliationRun) -> QuerySet[StatementFile]:
    return StatementFile.objects.filter(
        channel=run.channel_id,
        state=StatementFile.State.IMPORTED,
        imported_at__lte=run.marked_at,
    )


def _others(run: ReconciliationRun) -> list[int]:
    """Return the runs that saw rows which this one did not see."""
    runs = ReconciliationRun.objects.filter(channel=run.channel_id).exclude(pk=run.pk)
    saw_more = runs.filter(pk__gt=run.pk) | runs.filter(to_on__gt=run.to_on)
    return list(saw_more.values_list("pk", flat=True))


def _rows(sql: str, run: ReconciliationRun) -> list[Any]:
    facts: dict[str, Any] = {
        "channel": run.channel_id,
        "ledger": run.channel.ledger_id,
        "account": run.channel.account_id,
        "currency": run.channel.currency_id,
        "run": run.pk,
        "to_on": run.to_on,
        "book_mark": run.book_mark or 0,
        "statement_mark": run.statement_mark or 0,
        "marked_at": run.marked_at,
        "others": _others(run) if "others" in sql else [],
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, facts)
        return list(cursor.fetchall())
