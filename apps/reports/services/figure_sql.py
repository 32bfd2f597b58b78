"""The SQL of daily figures: facts from events, facts from the books, and their sums.

A fact is (organization_id, ledger_id, day, measure, detail, count, amount, seconds). Events and
books give the same facts; what is in the outbox counts by its event, all else by the books.
Parameters: `zone` is the name of a time zone, `consumer` that of the consumer.
"""

from __future__ import annotations

# `which` is the FROM and WHERE of the events as `o`.
_FROM_EVENTS = """
SELECT e.organization_id, e.ledger_id,
  CASE WHEN e.topic LIKE 'journal_entry.%%' THEN (e.b ->> 'entry_date')::date ELSE e.day END,
  f.measure, coalesce(f.detail, ''), f.count, f.amount, f.seconds
FROM (
  SELECT o.topic, o.organization_id, (o.body::jsonb ->> 'ledger_id')::bigint AS ledger_id,
    (o.occurred_at AT TIME ZONE %(zone)s)::date AS day, o.body::jsonb AS b
  {which}
) e
LEFT JOIN ledgers_ledger g ON g.id = e.ledger_id
LEFT JOIN organizations_currency c ON c.code = g.base_currency_id
CROSS JOIN LATERAL (
  SELECT 'posted' AS measure, e.b ->> 'currency' AS detail, 1::bigint AS count,
    (e.b ->> 'total_minor')::numeric / 10::numeric ^ c.minor_digits AS amount,
    0::bigint AS seconds
  WHERE e.topic = 'journal_entry.posted'
  UNION ALL SELECT 'reversed', g.base_currency_id, 1, 0, 0
  WHERE e.topic = 'journal_entry.reversed'
  UNION ALL SELECT 'decided', e.b ->> 'state', 1, 0, (e.b ->> 'seconds_taken')::bigint
  WHERE e.topic = 'approval.decided'
  UNION ALL SELECT 'rates', e.b ->> 'rate_type', coalesce((e.b ->> 'count')::bigint, 1), 0, 0
  WHERE e.topic = 'fx_rate.confirmed'
  UNION ALL SELECT 'reconciled', '', 1, 0, 0
  WHERE e.topic = 'reconciliation.finished'
) f
"""
OF_THESE_EVENTS = _FROM_EVENTS.format(
    which="FROM events_outboxevent o WHERE o.event_id = ANY (%(events)s)"
)
# What a consumer had, if the body is still the text that was written.
OF_ALL_EVENTS = _FROM_EVENTS.format(
    which="""FROM events_inboxevent i JOIN events_outboxevent o ON o.event_id = i.event_id
  WHERE i.consumer = %(consumer)s AND sha256(convert_to(o.body, 'UTF8')) = o.checksum"""
)
_TOLD = "NOT EXISTS (SELECT 1 FROM events_outboxevent o WHERE o.topic = '{}' AND {})"
_POSTING_IS_UNTOLD = _TOLD.format("journal_entry.posted", "o.key = 'entry:' || e.id")
_REVERSAL_IS_UNTOLD = _TOLD.format(
    "journal_entry.reversed", "o.key = 'entry:' || e.reversal_of_id"
)
_DECISION_IS_UNTOLD = _TOLD.format("approval.decided", "o.key = 'approval:' || r.id")
OF_THE_BOOKS = f"""
SELECT g.organization_id, e.ledger_id, e.entry_date, 'posted', g.base_currency_id::text,
  1::bigint, e.total::numeric, 0::bigint
FROM ledgers_journalentry e JOIN ledgers_ledger g ON g.id = e.ledger_id
WHERE e.state = 'posted' AND {_POSTING_IS_UNTOLD}
UNION ALL
SELECT g.organization_id, e.ledger_id, e.entry_date, 'reversed', g.base_currency_id, 1, 0, 0
FROM ledgers_journalentry e JOIN ledgers_ledger g ON g.id = e.ledger_id
WHERE e.state = 'posted' AND e.reversal_of_id IS NOT NULL AND {_REVERSAL_IS_UNTOLD}
UNION ALL
SELECT r.organization_id, NULL, (r.closed_at AT TIME ZONE %(zone)s)::date, 'decided',
  CASE r.state WHEN 'undone' THEN 'approved' ELSE r.state END, 1, 0,
  greatest(trunc(extract(epoch FROM r.closed_at - r.created_at)), 0)::bigint
FROM approvals_approvalrequest r
WHERE r.state IN ('approved', 'undone', 'rejected', 'returned') AND {_DECISION_IS_UNTOLD}
UNION ALL
SELECT r.organization_id, NULL, r.day, 'rates', r.rate_type, r.count, 0, 0
FROM (
  -- One event for each rate, or for all of a file to a currency.
  SELECT x.organization_id, x.rate_type, array_agg(x.id) AS ids, count(*) AS count,
    (max(coalesce(x.confirmed_at, x.created_at)) AT TIME ZONE %(zone)s)::date AS day
  FROM fx_exchangerate x WHERE x.state = 'confirmed'
  GROUP BY x.organization_id, x.rate_type, x.rate_import_id,
    CASE WHEN x.rate_import_id IS NULL THEN x.id::text ELSE x.to_currency END
) r
WHERE NOT r.ids && coalesce((SELECT array_agg((o.body::jsonb ->> 'rate_id')::bigint)
  FROM events_outboxevent o WHERE o.topic = 'fx_rate.confirmed'), '{{}}')
UNION ALL
SELECT c.organization_id, NULL, (r.finished_at AT TIME ZONE %(zone)s)::date, 'reconciled', '',
  1, 0, 0
FROM reconciliation_reconciliationrun r JOIN statements_channel c ON c.id = r.channel_id
WHERE r.state IN ('review', 'signed_off') AND r.id <> ALL (coalesce((
  SELECT array_agg((o.body::jsonb ->> 'run_id')::bigint)
  FROM events_outboxevent o WHERE o.topic = 'reconciliation.finished'), '{{}}'))
"""  # noqa: S608  (parts of this module)
SUMS = """
SELECT f.organization_id, f.ledger_id, f.day, f.measure, f.detail,
  sum(f.count)::bigint AS count,
  sum(f.amount)::numeric(28, 4) AS amount, sum(f.seconds)::bigint AS seconds
FROM ({facts}) AS f (organization_id, ledger_id, day, measure, detail, count, amount,
  seconds)
GROUP BY 1, 2, 3, 4, 5
"""
# In the order of keys, so that two deliveries never wait for each other in a circle.
ADD = f"""
INSERT INTO reports_dailyfigure AS d (organization_id, ledger_id, day, measure, detail, count,
  amount, seconds)
SELECT * FROM ({SUMS}) s ORDER BY 1, 2, 3, 4, 5
ON CONFLICT (organization_id, ledger_id, day, measure, detail) DO UPDATE SET
  count = d.count + excluded.count, amount = d.amount + excluded.amount,
  seconds = d.seconds + excluded.seconds
"""  # noqa: S608  (as above)
