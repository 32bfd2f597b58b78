"""Open rows of a proof as its run knew them: whole before they were split, in parts after.

A row is split in the results of one run, and put back together in those of the same or a later
one. Proofs of runs before the one, and of those between both, are found again so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection

from apps.reconciliation.domain.buckets import Side
from apps.reconciliation.models import RowSplit

if TYPE_CHECKING:
    from apps.reconciliation.models import ReconciliationRun

Key = tuple[str, int]
# Days of lines that a run saw, up to its cut-off.
_SEEN = {
    Side.BOOK: """SELECT l.id, l.entry_date FROM ledgers_journalline l
  JOIN ledgers_journalentry e ON e.id = l.entry_id AND e.posted_at <= %(marked_at)s
  WHERE l.id = ANY(%(lines)s) AND l.id <= %(book_mark)s AND l.entry_date <= %(to_on)s""",
    Side.STATEMENT: """SELECT l.id, l.booked_on FROM statements_statementline l
  WHERE l.id = ANY(%(lines)s) AND l.id <= %(statement_mark)s AND l.booked_on <= %(to_on)s""",
}


def as_split_then(
    run: ReconciliationRun, found: dict[Key, tuple[Any, ...]]
) -> dict[Key, tuple[Any, ...]]:
    """Return open rows (side, key, category, amount, currency, day) as a run knew them."""
    splits = list(RowSplit.objects.filter(channel=run.channel_id).prefetch_related("parts"))
    now = _rows([one for one in splits if not one.is_undone], splits)
    then = _rows([one for one in splits if one.counts_for(run)], splits)
    if now.keys() == then.keys():
        return found
    kept = {key: row for key, row in found.items() if key not in now.keys() - then.keys()}
    back = {key: then[key] for key in then.keys() - now.keys()}
    days = _days_seen(run, back)
    for (side, pk), (line, amount, currency) in back.items():
        if (side, line) in days:
            category = "missing_ext" if side == Side.BOOK else "missing_int"
            kept[side, pk] = (side, pk, category, amount, currency, days[side, line])
    return kept


def _rows(splits: list[RowSplit], known: list[RowSplit]) -> dict[Key, tuple[int, Any, str]]:
    """Return line, amount and currency of the rows that there are while some splits count.

    `known` are all splits of the channel; rows that none of them is about are left out.
    """
    rows: dict[Key, tuple[int, Any, str]] = {
        (one.side, one.item_id): (one.line_id, one.amount, one.currency)
        for one in known
        if one.item_id == one.line_id
    }
    for one in splits:
        rows |= {
            (part.side, part.item_id): (part.line_id, part.amount, one.currency)
            for part in one.parts.all()
        }
    # A part of a part: what was split again is no row any more.
    for one in splits:
        rows.pop((one.side, one.item_id), None)
    return rows


def _days_seen(run: ReconciliationRun, rows: dict[Key, tuple[int, Any, str]]) -> dict[Key, Any]:
    days: dict[Key, Any] = {}
    for side in Side:
        lines = [line for (of, _pk), (line, *_more) in rows.items() if of == side]
        facts: dict[str, Any] = {
            "lines": lines,
            "book_mark": run.book_mark or 0,
            "statement_mark": run.statement_mark or 0,
            "marked_at": run.marked_at,
            "to_on": run.to_on,
        }
        with connection.cursor() as cursor:
            cursor.execute(_SEEN[side], facts)
            days |= {(side.value, pk): day for pk, day in cursor.fetchall()}
    return days
