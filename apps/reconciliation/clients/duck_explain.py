"""Why rows are left, as SQL: domain/explaining.py says what it means."""

from __future__ import annotations

from apps.reconciliation.clients.duck_load import Connection

_LEFT = """
CREATE OR REPLACE TEMP TABLE left_over AS
SELECT 'book' AS side, pk, ref, cur, amount, 0::BIGINT AS fee, NULL::BIGINT AS gross,
    '' AS gross_cur FROM open_book WHERE ref <> ''
UNION ALL
SELECT 'statement', pk, ref, cur, amount, fee, gross, gross_cur
  FROM open_statement JOIN more_statement USING (pk) WHERE ref <> ''
"""
_SAME_CURRENCY = """
INSERT INTO placed
WITH sums AS (
  SELECT ref, cur, min(pk) FILTER (side = 'book') AS grp,
    min(pk) FILTER (side = 'statement') AS lowest,
    sum(amount) FILTER (side = 'book') AS ours,
    sum(amount) FILTER (side = 'statement') AS theirs,
    sum(fee) AS fee
  FROM left_over GROUP BY ref, cur),
named AS (
  SELECT ref, cur, grp, lowest, theirs - ours AS delta,
    CASE WHEN ours = theirs THEN 'date_break' WHEN ours = -theirs THEN 'sign_break'
      WHEN fee = ours - theirs THEN 'fee' ELSE 'amount_break' END AS bucket
  FROM sums WHERE grp IS NOT NULL AND lowest IS NOT NULL)
SELECT side, pk, bucket, grp, NULL,
  CASE WHEN side = 'statement' AND pk = lowest THEN delta ELSE 0 END, '', NULL
FROM left_over JOIN named USING (ref, cur)
"""
_OTHER_CURRENCIES = """
INSERT INTO placed
WITH lonely AS (
  SELECT * FROM left_over l ANTI JOIN placed p ON p.side = l.side AND p.pk = l.pk),
sums AS (
  SELECT ref, min(pk) FILTER (side = 'book') AS grp,
    count(*) FILTER (side = 'statement') AS theirs,
    count(DISTINCT cur) FILTER (side = 'book') AS curs,
    min(cur) FILTER (side = 'book') AS cur, sum(amount) FILTER (side = 'book') AS ours,
    count(DISTINCT gross_cur) FILTER (side = 'statement') AS gross_curs,
    min(gross_cur) FILTER (side = 'statement') AS gross_cur,
    sum(coalesce(gross, 0)) FILTER (side = 'statement') AS gross
  FROM lonely GROUP BY ref),
named AS (
  SELECT ref, grp, CASE WHEN curs = 1 AND gross_curs = 1 AND s.cur = s.gross_cur
      AND ours = s.gross THEN 'fx' ELSE 'currency_break' END AS bucket
  FROM sums s WHERE grp IS NOT NULL AND theirs > 0)
SELECT l.side, l.pk, bucket, grp, NULL, 0, '', NULL FROM lonely l JOIN named USING (ref)
"""
_KNOWN_DUPLICATES = """
INSERT INTO placed
SELECT side, pk, 'duplicate', grp, NULL, 0, '', NULL
FROM prior SEMI JOIN (SELECT 'book' AS side, pk FROM open_book UNION ALL
  SELECT 'statement', pk FROM open_statement) o USING (side, pk)
ANTI JOIN placed p USING (side, pk)
"""
MISSING = """
INSERT INTO placed
SELECT 'book', pk, 'missing_ext', NULL, NULL, 0, '', NULL FROM open_book
UNION ALL
SELECT 'statement', pk, 'missing_int', NULL, NULL, 0, '', NULL FROM open_statement
"""


def explain(duck: Connection) -> None:
    """Place what the other side explains."""
    for sql in (_LEFT, _SAME_CURRENCY, _OTHER_CURRENCIES, _KNOWN_DUPLICATES):
        duck.execute(sql)
