"""Breaks follow a run, in the transaction of its results and set-based: there may be 50,000.

    opened      a row that is not matched and has no open break
    changed     a row that has one, of which the run found something new
    cleared     a row that has one, and that the run matched
    untouched   all others: carried forward at no cost

Each change is written with its history row in one statement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection

from apps.reconciliation.domain.buckets import MATCHED, Bucket
from apps.reconciliation.models import Break
from apps.reconciliation.words import BreakCategory, Resolution

if TYPE_CHECKING:
    from apps.reconciliation.models import ReconciliationRun

CATEGORIES = {
    Bucket.MISSING_INT: BreakCategory.MISSING_OURS,
    Bucket.MISSING_EXT: BreakCategory.MISSING_THEIRS,
    Bucket.AMOUNT_BREAK: BreakCategory.AMOUNT,
    Bucket.FEE: BreakCategory.FEE,
    Bucket.DATE_BREAK: BreakCategory.DATE,
    Bucket.SIGN_BREAK: BreakCategory.SIGN,
    Bucket.CURRENCY_BREAK: BreakCategory.CURRENCY,
    Bucket.FX: BreakCategory.FX,
    Bucket.DUPLICATE: BreakCategory.DUPLICATE,
    Bucket.SUGGEST_FUZZY: BreakCategory.SUGGESTED,
    Bucket.SUGGEST_AMOUNT: BreakCategory.SUGGESTED,
    Bucket.SUGGEST_SUBSET: BreakCategory.SUGGESTED,
    Bucket.AMBIGUOUS: BreakCategory.AMBIGUOUS,
    Bucket.INVALID: BreakCategory.UNKNOWN,
}
# Both sides are there, so that no more than their difference is at risk.
COMPARED = (
    Bucket.AMOUNT_BREAK,
    Bucket.FEE,
    Bucket.DATE_BREAK,
    Bucket.SIGN_BREAK,
    Bucket.SUGGEST_FUZZY,
    Bucket.SUGGEST_AMOUNT,
    Bucket.SUGGEST_SUBSET,
)
# These ended breaks because their rows were matched: open again when they are not any more.
BY_MATCH = (
    Resolution.MATCHED,
    Resolution.MANUAL,
    Resolution.SUGGESTION,
    Resolution.WRITTEN_OFF,
)
_COLUMNS = [str(field.column) for field in Break._meta.concrete_fields]
_HISTORY = f"""
INSERT INTO reconciliation_historicalbreak ({", ".join(_COLUMNS)}, history_date, history_type,
  history_change_reason, history_user_id)
SELECT {", ".join(_COLUMNS)}, now(), CASE version WHEN 1 THEN '+' ELSE '~' END, %(reason)s,
  %(actor)s FROM changed"""  # noqa: S608  (names of our own columns)
# A part is no line, and has had its break since its row was split. That no exact pair is wanted
# is said twice: an index has the others alone.
_OPEN = """
WITH changed AS (
  INSERT INTO reconciliation_break AS b (organization_id, channel_id, side, item_id,
    first_run_id, last_run_id, category, bucket, group_id, score, state, resolution, booked_on,
    amount, currency, at_risk, note, version, created_at, updated_at, updated_by_id)
  SELECT %(organization)s, m.channel_id, m.side, m.item_id, m.run_id, m.run_id, c.category,
    m.bucket, m.group_id, m.score, 'open', '', coalesce(l.entry_date, s.booked_on,
      (SELECT o.booked_on FROM reconciliation_break o WHERE o.channel_id = m.channel_id
        AND o.side = m.side AND o.item_id = m.item_id)), m.amount, m.currency,
    CASE WHEN m.bucket = ANY(%(compared)s) THEN abs(m.delta) ELSE abs(m.amount) END,
    '', 1, now(), now(), %(actor)s
  FROM reconciliation_matcheditem m
  JOIN unnest(%(buckets)s::text[], %(categories)s::text[]) AS c(bucket, category)
    ON c.bucket = m.bucket
  LEFT JOIN ledgers_journalline l ON m.side = 'book' AND l.id = m.item_id
  LEFT JOIN statements_statementline s ON m.side = 'statement' AND s.id = m.item_id
  WHERE m.channel_id = %(channel)s AND m.run_id = %(run)s AND m.bucket = ANY(%(buckets)s)
    AND m.bucket <> 'exact'
  ORDER BY m.side, m.item_id
  ON CONFLICT (channel_id, side, item_id) DO UPDATE SET category = excluded.category,
    bucket = excluded.bucket, group_id = excluded.group_id, score = excluded.score,
    at_risk = excluded.at_risk, last_run_id = excluded.last_run_id,
    first_run_id = CASE WHEN b.resolution = ANY(%(by_match)s) THEN excluded.first_run_id
      ELSE b.first_run_id END,
    state = CASE WHEN b.resolution <> ALL(%(by_match)s) THEN b.state
      WHEN b.owner_id IS NULL THEN 'open' ELSE 'assigned' END,
    resolution = CASE WHEN b.resolution = ANY(%(by_match)s) THEN '' ELSE b.resolution END,
    version = b.version + 1, updated_at = now(), updated_by_id = excluded.updated_by_id
  WHERE b.resolution = ANY(%(by_match)s)
    OR (b.bucket, b.group_id, b.score, b.at_risk)
      IS DISTINCT FROM (excluded.bucket, excluded.group_id, excluded.score, excluded.at_risk)
  RETURNING *)"""
_CLEAR = """
WITH changed AS (
  UPDATE reconciliation_break b SET state = 'resolved', resolution = 'matched',
    waits_until = NULL, last_run_id = m.run_id, version = b.version + 1, updated_at = now(),
    updated_by_id = %(actor)s
  FROM reconciliation_matcheditem m
  WHERE b.channel_id = %(channel)s AND (b.state <> 'resolved' OR b.resolution = 'duplicate')
    AND m.channel_id = b.channel_id AND m.side = b.side AND m.item_id = b.item_id
    AND m.run_id = %(run)s AND m.bucket = ANY(%(matched)s)
  RETURNING b.*)"""
_WAKE = """
WITH changed AS (
  UPDATE reconciliation_break b SET waits_until = NULL, version = version + 1,
    state = CASE WHEN owner_id IS NULL THEN 'open' ELSE 'assigned' END,
    updated_at = now(), updated_by_id = %(actor)s
  WHERE channel_id = %(channel)s AND state = 'waiting' AND waits_until <= current_date
  RETURNING *)"""
_ROLL = """
INSERT INTO reconciliation_breakrollforward (run_id, category, currency, brought, opened,
  cleared, carried, brought_at_risk, opened_at_risk, cleared_at_risk, carried_at_risk)
SELECT %(run)s, category, currency, count(*) FILTER (WHERE NOT is_new),
  count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE is_cleared),
  count(*) FILTER (WHERE NOT is_cleared),
  coalesce(sum(at_risk) FILTER (WHERE NOT is_new), 0),
  coalesce(sum(at_risk) FILTER (WHERE is_new), 0),
  coalesce(sum(at_risk) FILTER (WHERE is_cleared), 0),
  coalesce(sum(at_risk) FILTER (WHERE NOT is_cleared), 0)
FROM (SELECT category, currency, at_risk, first_run_id = %(run)s AS is_new,
    state = 'resolved' AS is_cleared
  FROM reconciliation_break
  WHERE channel_id = %(channel)s AND (state <> 'resolved'
    OR resolution = 'matched' AND last_run_id = %(run)s)) b
GROUP BY category, currency"""


def follow_run(run: ReconciliationRun) -> None:
    """Open, change and clear the breaks of a run that was written, and count them."""
    facts = _facts(run)
    with connection.cursor() as cursor:
        for changing in (_CLEAR, _WAKE, _OPEN):
            cursor.execute(changing + _HISTORY, facts)
        cursor.execute(_ROLL, facts)


def _facts(run: ReconciliationRun) -> dict[str, Any]:
    return {
        "organization": run.channel.organization_id,
        "channel": run.channel_id,
        "run": run.pk,
        "actor": run.created_by_id,
        "reason": f"run {run.number}",
        "buckets": [bucket.value for bucket in CATEGORIES],
        "categories": [category.value for category in CATEGORIES.values()],
        "compared": [bucket.value for bucket in COMPARED],
        "matched": [bucket.value for bucket in MATCHED],
        "by_match": [resolution.value for resolution in BY_MATCH],
    }
