"""The queries of a close's checklist: each returns a count, an amount and names, or nulls.

The names are the first few of what was found, in their order: account codes, periods, words.
Parameters: ledger, period; `profit` is the account of the profit of the year or null.
"""

from __future__ import annotations

UNPOSTED = """
SELECT count(*), sum(total), NULL::text[] FROM ledgers_journalentry
WHERE ledger_id = %(ledger)s AND period_id = %(period)s
  AND state IN ('draft', 'submitted', 'approved')
"""
# Words whose numbers are not 1, 2, 3 … to the last.
GAPS = """
SELECT count(*), NULL::numeric, array_agg(word ORDER BY word) FROM (
  SELECT word FROM ledgers_journalentry
  WHERE ledger_id = %(ledger)s AND period_id = %(period)s AND number IS NOT NULL
  GROUP BY word HAVING count(*) <> max(number) OR min(number) <> 1) words
"""
# Accounts whose kept totals are not the sums of the period's posted lines, nor of their
# balances by dimensions.
DRIFT = """
WITH lines AS (
  SELECT l.account_id, ledgers_bucket(coalesce(o.kind, e.kind)) AS bucket,
    sum(l.debit) AS debit, sum(l.credit) AS credit, count(*) AS line_count
  FROM ledgers_journalentry e JOIN ledgers_journalline l ON l.entry_id = e.id
  LEFT JOIN ledgers_journalentry o ON o.id = e.reversal_of_id
  WHERE e.ledger_id = %(ledger)s AND e.period_id = %(period)s AND e.state = 'posted'
  GROUP BY 1, 2
), balances AS (
  SELECT account_id, bucket, sum(base_debit) AS debit, sum(base_credit) AS credit
  FROM ledgers_accountbalance WHERE ledger_id = %(ledger)s AND period_id = %(period)s
  GROUP BY 1, 2
), totals AS (
  SELECT account_id, bucket, debit, credit, line_count FROM ledgers_accounttotal
  WHERE ledger_id = %(ledger)s AND period_id = %(period)s
)
SELECT count(*), sum(abs(coalesce(t.debit, 0) - coalesce(l.debit, 0))
  + abs(coalesce(t.credit, 0) - coalesce(l.credit, 0))),
  (array_agg(DISTINCT a.code ORDER BY a.code))[:5]
FROM totals t FULL JOIN lines l USING (account_id, bucket)
  FULL JOIN balances b USING (account_id, bucket) JOIN ledgers_account a ON a.id = account_id
WHERE (t.debit, t.credit, t.line_count) IS DISTINCT FROM (l.debit, l.credit, l.line_count)
  OR (t.debit, t.credit) IS DISTINCT FROM (b.debit, b.credit)
"""
PREVIOUS = """
SELECT count(*), NULL::numeric, (array_agg(format('%%s-%%s', p.fiscal_year,
  lpad(p.number::text, 2, '0')) ORDER BY p.fiscal_year, p.number))[:5]
FROM ledgers_period p, ledgers_period this
WHERE this.id = %(period)s AND p.ledger_id = this.ledger_id AND NOT p.is_adjustment
  AND p.id <> this.id AND p.state NOT IN ('closed', 'locked')
  AND (p.ends_on < this.starts_on OR (this.is_adjustment AND p.ends_on = this.starts_on))
"""
ADJUSTMENT = """
SELECT count(*), NULL::numeric, (array_agg(format('%%s-%%s', p.fiscal_year,
  lpad(p.number::text, 2, '0')) ORDER BY p.fiscal_year, p.number))[:5]
FROM ledgers_period p, ledgers_period this
WHERE this.id = %(period)s AND p.ledger_id = this.ledger_id AND p.is_adjustment
  AND p.state IN ('open', 'closing') AND p.ends_on < this.starts_on
"""
# Sub-ledger = control account: what is left of all open items at the end of the period is
# what stands on the accounts that they are of, by dimensions and currency.
CONTROL = """
WITH kept AS (
  SELECT b.account_id, coalesce(b.dimension_set_id, 0) AS dimensions, b.currency_id, b.amount,
    b.base_amount
  FROM ledgers_balances_through(%(period)s) b
  JOIN ledgers_account a ON a.id = b.account_id AND a.control IN ('receivable', 'payable')
), this AS (
  SELECT * FROM ledgers_period WHERE id = %(period)s
), items AS (
  SELECT i.account_id, coalesce(i.dimension_set_id, 0) AS dimensions, i.currency_id,
    sum(i.amount + coalesce(m.amount, 0)) AS amount,
    sum(i.base_amount + coalesce(m.base_amount, 0)) AS base_amount
  FROM this JOIN ledgers_openitem i ON i.ledger_id = this.ledger_id
    AND i.entry_date <= this.ends_on
  JOIN ledgers_journalentry e ON e.id = i.entry_id
  JOIN ledgers_period p ON p.id = e.period_id
    AND (p.fiscal_year, p.number) <= (this.fiscal_year, this.number)
  LEFT JOIN LATERAL (
    SELECT sum(v.amount) AS amount, sum(v.base_amount) AS base_amount
    FROM ledgers_itemmovement v LEFT JOIN ledgers_journalentry w ON w.id = v.entry_id
    LEFT JOIN ledgers_period q ON q.id = w.period_id
    WHERE v.item_id = i.id AND v.effective_on <= this.ends_on
      AND (q.id IS NULL OR (q.fiscal_year, q.number) <= (this.fiscal_year, this.number))) m
    ON true
  GROUP BY 1, 2, 3
)
SELECT count(*), sum(abs(coalesce(k.base_amount, 0) - coalesce(i.base_amount, 0))),
  (array_agg(DISTINCT a.code ORDER BY a.code))[:5]
FROM kept k FULL JOIN items i USING (account_id, dimensions, currency_id)
  JOIN ledgers_account a ON a.id = account_id
WHERE (coalesce(k.amount, 0), coalesce(k.base_amount, 0))
  <> (coalesce(i.amount, 0), coalesce(i.base_amount, 0))
"""
PROFIT = """
SELECT count(DISTINCT b.account_id), -sum(b.base_amount),
  (array_agg(DISTINCT a.code ORDER BY a.code))[:5]
FROM ledgers_balances_through(%(period)s) b
JOIN ledgers_account a ON a.id = b.account_id AND a.account_class = 'profit_loss'
WHERE b.base_amount <> 0 OR b.amount <> 0
"""
RESULT = """
SELECT count(DISTINCT b.account_id), -sum(b.base_amount), array_agg(DISTINCT a.code)
FROM ledgers_balances_through(%(period)s) b JOIN ledgers_account a ON a.id = b.account_id
WHERE b.account_id = %(profit)s AND (b.base_amount <> 0 OR b.amount <> 0)
"""
SUSPENSE = """
SELECT count(DISTINCT b.account_id), sum(b.base_amount),
  (array_agg(DISTINCT a.code ORDER BY a.code))[:5]
FROM ledgers_balances_through(%(period)s) b
JOIN ledgers_account a ON a.id = b.account_id AND a.is_suspense
WHERE b.base_amount <> 0 OR b.amount <> 0
"""
