-- What PostgreSQL enforces of the journal, whoever writes. All checks are set-based, once
-- for a statement: a check for each line is quadratic in the length of an entry.
--
-- SQLSTATE   meaning
-- FM001      an entry does not balance or has too few lines
-- FM002      something posted, submitted or fixed would change
-- FM003      a step from one state to another that does not exist
-- FM004      the period takes no entry, or the date lies outside it
-- FM005      a line cannot be posted: account, currency, decimals, dimensions
-- FM006      a row would join two ledgers, charts or organizations
-- FM008      a reversal does not undo its original exactly
-- FM015      a line came in while the entry was being submitted

ALTER TABLE ledgers_journalentry
  ADD COLUMN created_xid xid8 NOT NULL DEFAULT pg_current_xact_id();

ALTER TABLE ledgers_period ADD CONSTRAINT period_is_of_ledger UNIQUE (ledger_id, id);
ALTER TABLE ledgers_journalentry ADD CONSTRAINT entry_period_is_of_ledger
  FOREIGN KEY (ledger_id, period_id) REFERENCES ledgers_period (ledger_id, id);
ALTER TABLE ledgers_accountbalance ADD CONSTRAINT balance_period_is_of_ledger
  FOREIGN KEY (ledger_id, period_id) REFERENCES ledgers_period (ledger_id, id);
ALTER TABLE ledgers_accounttotal ADD CONSTRAINT total_period_is_of_ledger
  FOREIGN KEY (ledger_id, period_id) REFERENCES ledgers_period (ledger_id, id);
ALTER TABLE ledgers_entrycounter ADD CONSTRAINT counter_period_is_of_ledger
  FOREIGN KEY (ledger_id, period_id) REFERENCES ledgers_period (ledger_id, id);

-- Posters hold this lock shared and a close holds it alone, so that nothing is posted
-- between the look at a period's state and the commit.
CREATE FUNCTION ledgers_period_gate(period_id bigint) RETURNS bigint LANGUAGE sql IMMUTABLE
AS $$ SELECT (1::bigint << 60) | period_id $$;

CREATE FUNCTION ledgers_refuse(code text, message text, detail json DEFAULT '{}')
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '%', message USING ERRCODE = code, DETAIL = detail::text;
END $$;

CREATE FUNCTION ledgers_refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM ledgers_refuse('FM002', TG_TABLE_NAME || ' is never truncated');
  RETURN NULL;
END $$;

-- Lines ---------------------------------------------------------------------------------

-- The share lock matters: a foreign key's KEY SHARE does not stop the header from moving
-- on to submitted while a line is being added.
--
-- Lines of an entry that is born posted come in the very statement that makes it: none was
-- there before them. After that statement a posted entry has lines, so none follows.
CREATE FUNCTION ledgers_line_insert_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE bad record;
BEGIN
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
  RETURN NULL;
END $$;
CREATE TRIGGER journalline_insert_guard AFTER INSERT ON ledgers_journalline
  REFERENCING NEW TABLE AS new_lines
  FOR EACH STATEMENT EXECUTE FUNCTION ledgers_line_insert_guard();

CREATE FUNCTION ledgers_line_change_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE bad record;
BEGIN
  PERFORM 1 FROM ledgers_journalentry e WHERE e.id IN (SELECT entry_id FROM old_lines)
    ORDER BY e.id FOR SHARE;
  SELECT e.id, e.state INTO bad FROM ledgers_journalentry e
    WHERE e.id IN (SELECT entry_id FROM old_lines) AND e.state <> 'draft' LIMIT 1;
  IF FOUND THEN
    PERFORM ledgers_refuse('FM002', format('the lines of a %s entry are frozen', bad.state),
      json_build_object('entry', bad.id));
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER journalline_delete_guard AFTER DELETE ON ledgers_journalline
  REFERENCING OLD TABLE AS old_lines
  FOR EACH STATEMENT EXECUTE FUNCTION ledgers_line_change_guard();

-- A line is written once: editing a draft replaces its lines.
CREATE FUNCTION ledgers_line_update_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM ledgers_refuse('FM002', 'journal lines are replaced, never updated');
  RETURN NULL;
END $$;
CREATE TRIGGER journalline_update_guard BEFORE UPDATE ON ledgers_journalline
  FOR EACH ROW EXECUTE FUNCTION ledgers_line_update_guard();
CREATE TRIGGER journalline_no_truncate BEFORE TRUNCATE ON ledgers_journalline
  EXECUTE FUNCTION ledgers_refuse_truncate();

-- Headers -------------------------------------------------------------------------------

-- An entry is born as a draft, or posted together with its lines in one statement, which
-- then pass everything that posting asks for. Only who may write numbers may do the latter:
-- the posting path, which runs as the owner.
CREATE FUNCTION ledgers_entry_insert_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE bad record; posted bigint[];
BEGIN
  SELECT * INTO bad FROM (
    SELECT n.id, n.created_xid = pg_current_xact_id() AND (n.state = 'draft' OR (
        n.state = 'posted' AND n.content_hash <> '' AND EXISTS (
          SELECT 1 FROM ledgers_journalline l WHERE l.entry_id = n.id))) AS is_born,
      m.organization_id IS DISTINCT FROM g.organization_id
        OR (n.checker_id IS NOT NULL AND c.organization_id IS DISTINCT FROM g.organization_id)
        OR (n.policy_id IS NOT NULL AND f.id IS NULL) OR o.ledger_id <> n.ledger_id AS is_foreign
    FROM new_entries n
    LEFT JOIN ledgers_ledger g ON g.id = n.ledger_id
    LEFT JOIN organizations_user m ON m.id = n.maker_id
    LEFT JOIN organizations_user c ON c.id = n.checker_id
    LEFT JOIN ledgers_journalentry o ON o.id = n.reversal_of_id
    LEFT JOIN policies_financepolicy f ON f.id = n.policy_id
      AND f.organization_id = g.organization_id AND f.state IN ('confirmed', 'superseded')
  ) made
  WHERE NOT is_born OR is_foreign
  LIMIT 1;
  IF FOUND AND NOT bad.is_born THEN
    PERFORM ledgers_refuse('FM003', 'an entry is born as a draft, or posted with its lines',
      json_build_object('entry', bad.id));
  ELSIF FOUND THEN
    PERFORM ledgers_refuse('FM006', 'people, policy, reversed entry are of the organization',
      json_build_object('entry', bad.id));
  END IF;
  posted := array(SELECT id FROM new_entries WHERE state = 'posted');
  IF posted <> '{}' THEN
    IF NOT has_column_privilege('ledgers_journalentry', 'number', 'UPDATE') THEN
      PERFORM ledgers_refuse('42501', 'entries are posted by the posting path');
    END IF;
    PERFORM ledgers_check_posted(posted);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER journalentry_insert_guard AFTER INSERT ON ledgers_journalentry
  REFERENCING NEW TABLE AS new_entries
  FOR EACH STATEMENT EXECUTE FUNCTION ledgers_entry_insert_guard();

CREATE FUNCTION ledgers_entry_delete_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM ledgers_refuse('FM002', 'journal entries are cancelled or reversed, never deleted');
  RETURN NULL;
END $$;
CREATE TRIGGER journalentry_delete_guard BEFORE DELETE ON ledgers_journalentry
  FOR EACH ROW EXECUTE FUNCTION ledgers_entry_delete_guard();
CREATE TRIGGER journalentry_no_truncate BEFORE TRUNCATE ON ledgers_journalentry
  EXECUTE FUNCTION ledgers_refuse_truncate();

CREATE FUNCTION ledgers_is_legal_step(old_state text, new_state text)
RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT old_state = new_state OR (old_state, new_state) IN (
    ('draft', 'submitted'), ('draft', 'cancelled'), ('submitted', 'draft'),
    ('submitted', 'approved'), ('approved', 'submitted'), ('approved', 'posted'))
$$;

CREATE FUNCTION ledgers_entry_update_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE bad record;
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
  IF EXISTS (SELECT 1 FROM new_entries WHERE state = 'posted') THEN
    PERFORM ledgers_check_posted(array(SELECT id FROM new_entries WHERE state = 'posted'));
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER journalentry_update_guard AFTER UPDATE ON ledgers_journalentry
  REFERENCING OLD TABLE AS old_entries NEW TABLE AS new_entries
  FOR EACH STATEMENT EXECUTE FUNCTION ledgers_entry_update_guard();

-- Everything that must hold of posted entries; called once for all that a statement posts.
CREATE FUNCTION ledgers_check_posted(ids bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE bad record;
BEGIN
  PERFORM pg_advisory_xact_lock_shared(ledgers_period_gate(period_id))
    FROM (SELECT DISTINCT period_id FROM ledgers_journalentry WHERE id = ANY (ids)
          ORDER BY period_id) gates;
  SELECT * INTO bad FROM (
    SELECT e.id, e.total, p.fiscal_year, p.number, p.state, g.base_currency_id AS currency,
      e.entry_date BETWEEN p.starts_on AND p.ends_on AND (p.state = 'open'
        OR (p.state = 'closing' AND e.kind IN ('fx_revaluation', 'profit_transfer', 'year_end',
          'rounding', 'reversal'))) AS is_taken,
      count(l.id) AS lines, sum(l.debit) AS debits,
      coalesce(sum(l.base_amount), 0) AS difference,
      min(l.currency_id) = max(l.currency_id) AND sum(l.amount) <> 0 AS differs_in_currency,
      (array_agg(json_build_object('entry', e.id, 'line', l.position, 'account', a.code,
        'reason', wrong.reason)) FILTER (WHERE wrong.reason IS NOT NULL))[1] AS wrong_line
    FROM ledgers_journalentry e
    JOIN ledgers_period p ON p.id = e.period_id
    JOIN ledgers_ledger g ON g.id = e.ledger_id
    JOIN organizations_currency b ON b.code = g.base_currency_id
    LEFT JOIN ledgers_journalline l ON l.entry_id = e.id
    LEFT JOIN ledgers_account a ON a.id = l.account_id
    LEFT JOIN organizations_currency c ON c.code = l.currency_id
    LEFT JOIN ledgers_dimensionset d ON d.id = l.dimension_set_id
    CROSS JOIN LATERAL (SELECT CASE
      WHEN NOT a.is_leaf THEN 'not_leaf'
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
      END AS reason) wrong
    WHERE e.id = ANY (ids)
    GROUP BY e.id, p.id, g.id
  ) posted
  WHERE NOT is_taken OR lines < 2 OR difference <> 0 OR differs_in_currency
    OR debits <> total OR wrong_line IS NOT NULL
  LIMIT 1;
  IF FOUND AND NOT bad.is_taken THEN
    PERFORM ledgers_refuse('FM004', format('period %s-%s is %s', bad.fiscal_year, bad.number,
      bad.state), json_build_object('entry', bad.id, 'state', bad.state,
      'period', format('%s-%s', bad.fiscal_year, lpad(bad.number::text, 2, '0'))));
  ELSIF FOUND AND bad.wrong_line IS NOT NULL THEN
    PERFORM ledgers_refuse('FM005', 'a line cannot be posted', bad.wrong_line);
  ELSIF FOUND THEN
    PERFORM ledgers_refuse('FM001', format('entry %s does not balance', bad.id),
      json_build_object('entry', bad.id, 'lines', bad.lines, 'difference',
        bad.difference::text, 'currency', bad.currency));
  END IF;
  IF EXISTS (SELECT 1 FROM ledgers_journalentry
      WHERE id = ANY (ids) AND reversal_of_id IS NOT NULL) THEN
    PERFORM ledgers_check_reversals(ids);
  END IF;
END $$;

-- A reversal is of a posted entry that is no reversal itself, and both add up to zero by
-- account, dimensions and currency.
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
