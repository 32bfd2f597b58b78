-- Look for reversals only among reversals: the planner, which knows nothing of the rows that a
-- transaction has just made, compared every posted entry with every other.

CREATE FUNCTION ledgers_check_reversals(ids bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE bad record;
BEGIN
  SELECT n.id INTO bad FROM ledgers_journalentry n
    JOIN ledgers_journalline l ON l.entry_id = ANY (ARRAY[n.id, n.reversal_of_id])
    WHERE n.id = ANY (ids)
    GROUP BY n.id, l.account_id, l.dimension_set_id, l.currency_id
    HAVING sum(l.amount) <> 0 OR sum(l.base_amount) <> 0
    LIMIT 1;
  IF NOT FOUND THEN
    SELECT n.id INTO bad FROM ledgers_journalentry n
      JOIN ledgers_journalentry o ON o.id = n.reversal_of_id
      WHERE n.id = ANY (ids) AND (o.state <> 'posted' OR o.reversal_of_id IS NOT NULL) LIMIT 1;
  END IF;
  IF FOUND THEN
    PERFORM ledgers_refuse('FM008', 'a reversal undoes one posted entry exactly',
      json_build_object('entry', bad.id));
  END IF;
END $$;

CREATE OR REPLACE FUNCTION ledgers_check_posted(ids bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE bad record; reversals bigint[];
BEGIN
  PERFORM pg_advisory_xact_lock_shared(ledgers_period_gate(period_id))
    FROM (SELECT DISTINCT period_id FROM ledgers_journalentry WHERE id = ANY (ids)
          ORDER BY period_id) gates;
  SELECT e.id, p.fiscal_year, p.number, p.state INTO bad
    FROM ledgers_journalentry e JOIN ledgers_period p ON p.id = e.period_id
    WHERE e.id = ANY (ids)
      AND (e.entry_date NOT BETWEEN p.starts_on AND p.ends_on
        OR NOT (p.state = 'open' OR (p.state = 'closing' AND e.kind IN
                ('fx_revaluation', 'profit_transfer', 'year_end', 'rounding', 'reversal'))))
    LIMIT 1;
  IF FOUND THEN
    PERFORM ledgers_refuse('FM004', format('period %s-%s is %s', bad.fiscal_year, bad.number,
      bad.state), json_build_object('entry', bad.id, 'state', bad.state,
      'period', format('%s-%s', bad.fiscal_year, lpad(bad.number::text, 2, '0'))));
  END IF;
  SELECT e.id, count(l.id) AS lines, coalesce(sum(l.base_amount), 0) AS difference,
      g.base_currency_id AS currency INTO bad
    FROM ledgers_journalentry e
    JOIN ledgers_ledger g ON g.id = e.ledger_id
    LEFT JOIN ledgers_journalline l ON l.entry_id = e.id
    WHERE e.id = ANY (ids)
    GROUP BY e.id, g.base_currency_id
    HAVING count(l.id) < 2 OR sum(l.base_amount) <> 0
      OR (min(l.currency_id) = max(l.currency_id) AND sum(l.amount) <> 0)
      OR sum(l.debit) <> e.total
    LIMIT 1;
  IF FOUND THEN
    PERFORM ledgers_refuse('FM001', format('entry %s does not balance', bad.id),
      json_build_object('entry', bad.id, 'lines', bad.lines, 'difference',
        bad.difference::text, 'currency', bad.currency));
  END IF;
  PERFORM ledgers_check_lines(ids);
  reversals := array(SELECT id FROM ledgers_journalentry
    WHERE id = ANY (ids) AND reversal_of_id IS NOT NULL);
  IF reversals <> '{}' THEN
    PERFORM ledgers_check_reversals(reversals);
  END IF;
END $$;
