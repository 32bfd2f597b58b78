-- The guards of the journal in as few statements as they can do with.
--
-- To start a statement costs a trigger as much as to look at an entry of two lines. So all that
-- is asked of what is posted is asked in one look, after the gates of the periods are taken;
-- what most entries do not have (reversals, rates, open items) is followed only where that look
-- found it. What is asked for has not changed: see entry_guards.sql, open_items.sql and
-- draft_line_audit.sql, also for the SQLSTATEs.

-- What posting asks of entries, a row for each line; an entry without lines has one row too.
-- The planner merges it into the query around it.
CREATE FUNCTION ledgers_lines_to_post(ids bigint[])
RETURNS TABLE (
  entry_id bigint, total numeric, is_reversal boolean, is_taken boolean,
  line_id bigint, "position" integer, account text, currency text, amount numeric,
  base_amount numeric, debit numeric, has_rates boolean, has_items boolean,
  is_foreign boolean, reason text
)
LANGUAGE sql STABLE AS $$
  SELECT e.id, e.total, e.reversal_of_id IS NOT NULL,
    e.entry_date BETWEEN p.starts_on AND p.ends_on AND (p.state = 'open'
      OR (p.state = 'closing' AND e.kind IN ('fx_revaluation', 'profit_transfer', 'year_end',
        'rounding', 'reversal'))),
    l.id, l.position, a.code, l.currency_id, l.amount, l.base_amount, l.debit,
    l.rate_ids IS NOT NULL, a.control IN ('receivable', 'payable'),
    l.ledger_id <> e.ledger_id OR a.chart_id <> g.chart_id
      OR d.organization_id <> g.organization_id OR (l.id IS NOT NULL AND c.code IS NULL),
    CASE
      WHEN l.id IS NULL THEN NULL
      WHEN a.is_leaf IS NOT TRUE THEN 'not_leaf'
      WHEN NOT a.is_active THEN 'inactive'
      WHEN a.currency_id <> l.currency_id THEN 'currency'
      WHEN NOT a.allows_manual AND e.source = 'manual' THEN 'not_manual'
      WHEN NOT a.required_dimension_ids <@ coalesce(d.type_ids, '{}') THEN 'dimension'
      WHEN l.entry_date <> e.entry_date THEN 'date'
      -- The base currency alone moves where rates do, and where a close clears an account.
      WHEN l.amount = 0 AND e.kind NOT IN ('fx_revaluation', 'profit_transfer', 'settlement',
        'reversal') THEN 'no_amount'
      WHEN round(l.amount, c.minor_digits) <> l.amount
        OR round(l.base_amount, b.minor_digits) <> l.base_amount
        OR (l.currency_id = g.base_currency_id AND l.amount <> l.base_amount) THEN 'decimals'
    END
  FROM ledgers_journalentry e
  JOIN ledgers_period p ON p.id = e.period_id
  JOIN ledgers_ledger g ON g.id = e.ledger_id
  JOIN organizations_currency b ON b.code = g.base_currency_id
  LEFT JOIN ledgers_journalline l ON l.entry_id = e.id
  LEFT JOIN ledgers_account a ON a.id = l.account_id
  LEFT JOIN organizations_currency c ON c.code = l.currency_id
  LEFT JOIN ledgers_dimensionset d ON d.id = l.dimension_set_id
  WHERE e.id = ANY (ids)
$$;

-- Say what is wrong with an entry that was found wrong.
CREATE FUNCTION ledgers_refuse_posting(p_entry bigint, is_birth boolean) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE bad record;
BEGIN
  SELECT p.fiscal_year, p.number, p.state, g.base_currency_id AS currency, looked_at.* INTO bad
    FROM (
      SELECT bool_and(is_taken) AS is_taken, bool_or(is_foreign) AS is_foreign,
        count(line_id) AS lines, coalesce(sum(base_amount), 0) AS difference,
        (array_agg(json_build_object('entry', entry_id, 'line', position, 'account', account,
          'reason', reason)) FILTER (WHERE reason IS NOT NULL))[1] AS wrong_line
      FROM ledgers_lines_to_post(array[p_entry])
    ) looked_at
    JOIN ledgers_journalentry e ON e.id = p_entry
    JOIN ledgers_period p ON p.id = e.period_id
    JOIN ledgers_ledger g ON g.id = e.ledger_id;
  IF bad.lines = 0 AND is_birth THEN
    PERFORM ledgers_refuse('FM003', 'an entry is born as a draft, or posted with its lines',
      json_build_object('entry', p_entry));
  ELSIF bad.is_taken IS NOT TRUE THEN
    PERFORM ledgers_refuse('FM004', format('period %s-%s is %s', bad.fiscal_year, bad.number,
      bad.state), json_build_object('entry', p_entry, 'state', bad.state,
      'period', format('%s-%s', bad.fiscal_year, lpad(bad.number::text, 2, '0'))));
  ELSIF bad.is_foreign THEN
    PERFORM ledgers_refuse('FM006', 'a line must stay in the ledger, chart and organization',
      json_build_object('entry', p_entry));
  ELSIF bad.wrong_line IS NOT NULL THEN
    PERFORM ledgers_refuse('FM005', 'a line cannot be posted', bad.wrong_line);
  END IF;
  PERFORM ledgers_refuse('FM001', format('entry %s does not balance', p_entry),
    json_build_object('entry', p_entry, 'lines', bad.lines, 'difference',
      bad.difference::text, 'currency', bad.currency));
END $$;

-- A rate that a posted entry stands on never changes any more. Most entries have none.
CREATE FUNCTION ledgers_use_rates(ids bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE rates bigint[];
BEGIN
  rates := array(SELECT r.id FROM fx_exchangerate r WHERE NOT r.is_used AND r.id IN (
      SELECT unnest(l.rate_ids) FROM ledgers_journalline l
      WHERE l.entry_id = ANY (ids) AND l.rate_ids IS NOT NULL)
    ORDER BY r.id FOR NO KEY UPDATE);
  UPDATE fx_exchangerate SET is_used = true WHERE id = ANY (rates) AND NOT is_used;
END $$;

CREATE FUNCTION ledgers_follow_items(ids bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE chosen bigint[];
BEGIN
  PERFORM ledgers_open_items(ids);
  chosen := array(SELECT id FROM ledgers_journalentry
    WHERE id = ANY (ids) AND reversal_of_id IS NOT NULL);
  IF chosen <> '{}' THEN PERFORM ledgers_reverse_items(chosen); END IF;
  chosen := array(SELECT id FROM ledgers_journalentry
    WHERE id = ANY (ids) AND reversal_of_id IS NULL AND kind <> 'settlement');
  IF EXISTS (SELECT 1 FROM ledgers_journalline l JOIN ledgers_account a ON a.id = l.account_id
      WHERE l.entry_id = ANY (chosen) AND l.amount = 0
        AND a.control IN ('receivable', 'payable')) THEN
    PERFORM ledgers_revalue_items(chosen);
  END IF;
END $$;

-- Only the guards below call them, from the posting path.
REVOKE EXECUTE ON FUNCTION ledgers_use_rates(bigint[]), ledgers_follow_items(bigint[])
  FROM PUBLIC;

-- Everything that must hold of posted entries, and what follows from their being posted;
-- called once for all that a statement posts. `periods` are theirs, in order: all posters take
-- the gates in the same order. The look comes after the gates and sees what they keep.
DROP FUNCTION ledgers_check_posted(bigint[]);
CREATE FUNCTION ledgers_check_posted(ids bigint[], periods bigint[], is_birth boolean)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE gate bigint; wrong bigint; has_reversals boolean; has_rates boolean; has_items boolean;
BEGIN
  FOREACH gate IN ARRAY periods LOOP
    -- An expression, not a statement of its own.
    IF pg_advisory_xact_lock_shared(ledgers_period_gate(gate)) IS NULL THEN NULL; END IF;
  END LOOP;
  SELECT min(e.entry_id) FILTER (WHERE e.is_right IS NOT TRUE), bool_or(e.is_reversal),
      bool_or(e.has_rates), bool_or(e.has_items)
    INTO wrong, has_reversals, has_rates, has_items
    FROM (
      SELECT l.entry_id, l.is_reversal, bool_or(l.has_rates) AS has_rates,
        bool_or(l.has_items) AS has_items,
        l.is_taken AND count(l.line_id) >= 2 AND count(l.reason) = 0
          AND bool_or(l.is_foreign) IS NOT TRUE
          AND sum(l.base_amount) = 0 AND sum(l.debit) = l.total
          AND (sum(l.amount) = 0 OR min(l.currency) <> max(l.currency)) AS is_right
      FROM ledgers_lines_to_post(ids) l
      GROUP BY l.entry_id, l.total, l.is_reversal, l.is_taken
    ) e;
  IF wrong IS NOT NULL THEN PERFORM ledgers_refuse_posting(wrong, is_birth); END IF;
  IF has_reversals THEN PERFORM ledgers_check_reversals(ids); END IF;
  IF has_rates THEN PERFORM ledgers_use_rates(ids); END IF;
  IF has_items THEN PERFORM ledgers_follow_items(ids); END IF;
END $$;
DROP TRIGGER journalentry_insert_items ON ledgers_journalentry;
DROP TRIGGER journalentry_update_items ON ledgers_journalentry;
DROP FUNCTION ledgers_entry_items();

CREATE OR REPLACE FUNCTION ledgers_entry_insert_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE posted bigint[]; periods bigint[]; unborn bigint; alien bigint;
BEGIN
  SELECT array_agg(n.id) FILTER (WHERE n.state = 'posted'),
      array_agg(DISTINCT n.period_id ORDER BY n.period_id) FILTER (WHERE n.state = 'posted'),
      min(n.id) FILTER (WHERE (n.created_xid = pg_current_xact_id() AND (n.state = 'draft'
        OR (n.state = 'posted' AND n.content_hash <> ''))) IS NOT TRUE),
      min(n.id) FILTER (WHERE m.organization_id IS DISTINCT FROM g.organization_id
        OR (n.checker_id IS NOT NULL AND c.organization_id IS DISTINCT FROM g.organization_id)
        OR (n.policy_id IS NOT NULL AND f.id IS NULL) OR o.ledger_id <> n.ledger_id)
    INTO posted, periods, unborn, alien
    FROM new_entries n
    LEFT JOIN ledgers_ledger g ON g.id = n.ledger_id
    LEFT JOIN organizations_user m ON m.id = n.maker_id
    LEFT JOIN organizations_user c ON c.id = n.checker_id
    LEFT JOIN ledgers_journalentry o ON o.id = n.reversal_of_id
    LEFT JOIN policies_financepolicy f ON f.id = n.policy_id
      AND f.organization_id = g.organization_id AND f.state IN ('confirmed', 'superseded');
  IF unborn IS NOT NULL THEN
    PERFORM ledgers_refuse('FM003', 'an entry is born as a draft, or posted with its lines',
      json_build_object('entry', unborn));
  ELSIF alien IS NOT NULL THEN
    PERFORM ledgers_refuse('FM006', 'people, policy, reversed entry are of the organization',
      json_build_object('entry', alien));
  END IF;
  IF posted IS NULL THEN RETURN NULL; END IF;
  IF NOT has_column_privilege('ledgers_journalentry', 'number', 'UPDATE') THEN
    PERFORM ledgers_refuse('42501', 'entries are posted by the posting path');
  END IF;
  IF ledgers_check_posted(posted, periods, true) IS NULL THEN NULL; END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION ledgers_entry_update_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE bad record; posted bigint[]; periods bigint[];
BEGIN
  SELECT o.id, o.state AS old_state, n.state AS new_state,
      o.state = 'posted' AS is_posted,
      NOT ledgers_is_legal_step(o.state, n.state) AS is_illegal_step
    INTO bad
    FROM old_entries o LEFT JOIN new_entries n ON n.id = o.id
    WHERE o.state = 'posted' OR n.id IS NULL
      OR NOT ledgers_is_legal_step(o.state, n.state)
      OR n.ledger_id <> o.ledger_id OR n.maker_id <> o.maker_id OR n.created_xid <> o.created_xid
      OR n.idempotency_key IS DISTINCT FROM o.idempotency_key
      OR n.reversal_of_id IS DISTINCT FROM o.reversal_of_id OR n.source <> o.source
      OR (o.state <> 'draft' AND n.state <> 'draft'
          AND (n.content_hash <> o.content_hash OR n.entry_date <> o.entry_date
               OR n.period_id <> o.period_id OR n.word <> o.word OR n.kind <> o.kind
               OR n.summary <> o.summary OR n.total <> o.total
               OR n.policy_id IS DISTINCT FROM o.policy_id))
      OR (o.state = 'approved' AND n.state IN ('approved', 'posted')
          AND n.checker_id IS DISTINCT FROM o.checker_id)
      OR (n.state IN ('submitted', 'approved', 'posted') AND n.content_hash = '')
    LIMIT 1;
  IF FOUND AND bad.is_illegal_step AND NOT bad.is_posted THEN
    PERFORM ledgers_refuse('FM003', format('no step leads from %s to %s', bad.old_state,
      bad.new_state), json_build_object('entry', bad.id, 'from', bad.old_state,
      'to', bad.new_state));
  ELSIF FOUND THEN
    PERFORM ledgers_refuse('FM002', format('this part of a %s entry is fixed', bad.old_state),
      json_build_object('entry', bad.id));
  END IF;
  SELECT n.id INTO bad FROM old_entries o JOIN new_entries n USING (id)
    JOIN ledgers_ledger g ON g.id = n.ledger_id
    LEFT JOIN policies_financepolicy f ON f.id = n.policy_id
      AND f.organization_id = g.organization_id AND f.state IN ('confirmed', 'superseded')
    WHERE n.policy_id <> coalesce(o.policy_id, 0) AND f.id IS NULL LIMIT 1;
  IF FOUND THEN
    PERFORM ledgers_refuse('FM006', 'the policy is a confirmed one of the organization',
      json_build_object('entry', bad.id));
  END IF;
  -- The hash was read before this UPDATE took the row: a line may have come in between.
  IF EXISTS (SELECT 1 FROM old_entries o JOIN new_entries n USING (id)
      WHERE o.state = 'draft' AND n.state = 'submitted') THEN
    SELECT n.id INTO bad FROM new_entries n
      JOIN ledgers_content_hashes(array(SELECT id FROM new_entries WHERE state = 'submitted')) h
        ON h.entry_id = n.id
      WHERE n.content_hash <> h.content_hash LIMIT 1;
    IF FOUND THEN
      PERFORM ledgers_refuse('FM015', 'the lines changed while the entry was submitted',
        json_build_object('entry', bad.id));
    END IF;
  END IF;
  SELECT array_agg(id), array_agg(DISTINCT period_id ORDER BY period_id) INTO posted, periods
    FROM new_entries WHERE state = 'posted';
  IF posted IS NOT NULL THEN PERFORM ledgers_check_posted(posted, periods, false); END IF;
  RETURN NULL;
END $$;

-- Lines of entries that are born posted in the same statement need no more here than to be
-- all that there are: the guard of the entries looks at them. Only lines that are added to an
-- entry of another transaction, a draft, need a record of their own.
CREATE OR REPLACE FUNCTION ledgers_line_insert_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE bad record; are_born boolean;
BEGIN
  SELECT coalesce(bool_and(coalesce(e.state = 'posted' AND e.created_xid = pg_current_xact_id()
      AND added.lines = (SELECT count(*) FROM ledgers_journalline o
        WHERE o.entry_id = added.entry_id), false)), true)
    INTO are_born
    FROM (SELECT entry_id, count(*) AS lines FROM new_lines GROUP BY entry_id) added
    LEFT JOIN ledgers_journalentry e ON e.id = added.entry_id;
  IF are_born THEN RETURN NULL; END IF;
  PERFORM 1 FROM ledgers_journalentry e
    WHERE e.id IN (SELECT entry_id FROM new_lines) AND e.created_xid <> pg_current_xact_id()
    ORDER BY e.id FOR SHARE;
  SELECT * INTO bad FROM (
    SELECT l.entry_id, e.state, e.state <> 'draft' AND NOT (e.state = 'posted'
        AND e.created_xid = pg_current_xact_id() AND count(*) = (
          SELECT count(*) FROM ledgers_journalline o WHERE o.entry_id = l.entry_id)) AS is_frozen,
      bool_or(e.id IS NULL OR l.ledger_id <> e.ledger_id OR a.chart_id <> g.chart_id
        OR d.organization_id <> g.organization_id OR c.code IS NULL) AS is_foreign
    FROM new_lines l
    LEFT JOIN ledgers_journalentry e ON e.id = l.entry_id
    LEFT JOIN ledgers_ledger g ON g.id = e.ledger_id
    LEFT JOIN ledgers_account a ON a.id = l.account_id
    LEFT JOIN ledgers_dimensionset d ON d.id = l.dimension_set_id
    LEFT JOIN organizations_currency c ON c.code = l.currency_id
    GROUP BY l.entry_id, e.id
  ) added
  WHERE is_frozen OR is_foreign
  LIMIT 1;
  IF bad.is_frozen THEN
    PERFORM ledgers_refuse('FM002', format('the lines of a %s entry are frozen', bad.state),
      json_build_object('entry', bad.entry_id));
  ELSIF FOUND THEN
    PERFORM ledgers_refuse('FM006', 'a line must stay in the ledger, chart and organization',
      json_build_object('entry', bad.entry_id));
  END IF;
  PERFORM ledgers_draft_line_record('insert', l.entry_id, jsonb_agg(
      to_jsonb(l) - '{ledger_id,entry_id,debit,credit}'::text[] ORDER BY position))
    FROM new_lines l
    WHERE l.entry_id IN (SELECT e.id FROM ledgers_journalentry e
      WHERE e.id IN (SELECT entry_id FROM new_lines) AND e.created_xid <> pg_current_xact_id())
    GROUP BY l.entry_id;
  RETURN NULL;
END $$;
DROP TRIGGER journalline_audit_insert ON ledgers_journalline;
DROP FUNCTION ledgers_draft_lines_added();
