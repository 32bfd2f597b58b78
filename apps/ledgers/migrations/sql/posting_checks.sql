-- Everything that must hold of posted entries, looked at once for all that a statement posts.
--
-- SQLSTATE   meaning
-- FM001, FM004, FM005, FM006, FM008: see entry_guards.sql

-- What is wrong with entries, one row for each: the first of period, people, balance and
-- lines, or null. Everything that a refusal has to say is in the row.
CREATE FUNCTION ledgers_posting_facts(ids bigint[])
RETURNS TABLE (entry_id bigint, is_reversal boolean, problem text, period text, state text,
  lines bigint, difference numeric, currency text, bad_line jsonb) LANGUAGE sql STABLE AS $$
  SELECT f.id, f.is_reversal,
    CASE WHEN f.is_outside THEN 'period' WHEN f.are_strangers THEN 'people'
      WHEN f.lines < 2 OR f.difference <> 0 OR f.debits <> f.total
        OR (f.is_one_currency AND f.foreign_difference <> 0) THEN 'balance'
      WHEN f.bad_line IS NOT NULL THEN 'line' END,
    f.period, f.state, f.lines, f.difference, f.currency, f.bad_line
  FROM (
    SELECT e.id, e.total, e.reversal_of_id IS NOT NULL AS is_reversal,
      e.entry_date NOT BETWEEN p.starts_on AND p.ends_on
        OR NOT (p.state = 'open' OR (p.state = 'closing' AND e.kind IN
          ('fx_revaluation', 'profit_transfer', 'year_end', 'rounding', 'reversal')))
        AS is_outside,
      k.organization_id IS DISTINCT FROM g.organization_id
        OR b.organization_id IS DISTINCT FROM g.organization_id AS are_strangers,
      format('%s-%s', p.fiscal_year, lpad(p.number::text, 2, '0')) AS period, p.state,
      g.base_currency_id AS currency, s.*
    FROM ledgers_journalentry e
    JOIN ledgers_ledger g ON g.id = e.ledger_id
    JOIN organizations_currency base ON base.code = g.base_currency_id
    JOIN ledgers_period p ON p.id = e.period_id
    LEFT JOIN organizations_user k ON k.id = e.checker_id
    LEFT JOIN organizations_user b ON b.id = e.poster_id
    CROSS JOIN LATERAL (
      SELECT count(*) AS lines, coalesce(sum(l.base_amount), 0) AS difference,
        sum(l.debit) AS debits, sum(l.amount) AS foreign_difference,
        min(l.currency_id) = max(l.currency_id) AS is_one_currency,
        (array_agg(jsonb_build_object('line', l.position, 'account', a.code, 'reason', r.reason)
          ORDER BY l.position) FILTER (WHERE r.reason IS NOT NULL))[1] AS bad_line
      FROM ledgers_journalline l
      JOIN ledgers_account a ON a.id = l.account_id
      JOIN organizations_currency c ON c.code = l.currency_id
      LEFT JOIN ledgers_dimensionset d ON d.id = l.dimension_set_id
      CROSS JOIN LATERAL (SELECT CASE
        WHEN NOT a.is_leaf THEN 'not_leaf'
        WHEN NOT a.is_active THEN 'inactive'
        WHEN a.currency_id <> l.currency_id THEN 'currency'
        WHEN NOT a.allows_manual AND e.source = 'manual' THEN 'not_manual'
        WHEN a.required_dimension_ids <> '{}'
          AND NOT a.required_dimension_ids <@ coalesce(d.type_ids, '{}') THEN 'dimension'
        WHEN l.entry_date <> e.entry_date THEN 'date'
        WHEN round(l.amount, c.minor_digits) <> l.amount
          OR round(l.base_amount, base.minor_digits) <> l.base_amount
          OR (l.currency_id = g.base_currency_id AND l.amount <> l.base_amount)
          THEN 'decimals' END AS reason) r
      WHERE l.entry_id = e.id) s
    WHERE e.id = ANY (ids)
  ) f
$$;

CREATE FUNCTION ledgers_check_posted(ids bigint[]) RETURNS void LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE found_bad bigint; has_reversals boolean; bad record;
BEGIN
  PERFORM pg_advisory_xact_lock_shared(ledgers_period_gate(period_id))
    FROM (SELECT DISTINCT period_id FROM ledgers_journalentry WHERE id = ANY (ids)
          ORDER BY period_id) gates;
  SELECT min(entry_id) FILTER (WHERE problem IS NOT NULL), bool_or(is_reversal)
    INTO found_bad, has_reversals FROM ledgers_posting_facts(ids);
  IF found_bad IS NOT NULL THEN
    SELECT * INTO bad FROM ledgers_posting_facts(ARRAY[found_bad]);
    PERFORM CASE bad.problem
      WHEN 'period' THEN ledgers_refuse('FM004',
        format('period %s is %s', bad.period, bad.state),
        json_build_object('entry', bad.entry_id, 'state', bad.state, 'period', bad.period))
      WHEN 'people' THEN ledgers_refuse('FM006', 'checker and poster are of the organization',
        json_build_object('entry', bad.entry_id))
      WHEN 'balance' THEN ledgers_refuse('FM001',
        format('entry %s does not balance', bad.entry_id),
        json_build_object('entry', bad.entry_id, 'lines', bad.lines,
          'difference', bad.difference::text, 'currency', bad.currency))
      ELSE ledgers_refuse('FM005', format('line %s cannot be posted: %s',
        bad.bad_line->>'line', bad.bad_line->>'reason'),
        (bad.bad_line || jsonb_build_object('entry', bad.entry_id))::json) END;
  END IF;
  IF has_reversals THEN
    PERFORM ledgers_check_reversals(ids);
  END IF;
END $$;

CREATE FUNCTION ledgers_check_reversals(ids bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE bad record;
BEGIN
  SELECT n.id INTO bad FROM ledgers_journalentry n
    JOIN ledgers_journalline l ON l.entry_id IN (n.id, n.reversal_of_id)
    WHERE n.id = ANY (ids) AND n.reversal_of_id IS NOT NULL
    GROUP BY n.id, l.account_id, l.dimension_set_id, l.currency_id
    HAVING sum(l.amount) <> 0 OR sum(l.base_amount) <> 0
    LIMIT 1;
  IF FOUND OR EXISTS (
      SELECT 1 FROM ledgers_journalentry n JOIN ledgers_journalentry o ON o.id = n.reversal_of_id
      WHERE n.id = ANY (ids) AND (o.state <> 'posted' OR o.reversal_of_id IS NOT NULL)) THEN
    PERFORM ledgers_refuse('FM008', 'a reversal undoes one posted entry exactly',
      json_build_object('entry', bad.id));
  END IF;
END $$;
