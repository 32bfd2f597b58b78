-- Budgets: what entries take of them, beside every change of an entry's state.
--
-- SQLSTATE   meaning
-- FM070      a hard budget has too little left
-- FM071      a budget and its ledger, account and dimension value do not belong together
-- FM072      what a budget is about would change, or a row be deleted
--
-- Locks: the budgets of a ledger are held shared by whatever moves its entries, and alone by a
-- new budget, which so misses no entry; then the totals in the order of their keys; then what
-- posting takes. The functions run as their owner: the application may not write uses or totals.

CREATE FUNCTION budgets_refuse(code text, message text, facts json DEFAULT '{}') RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '%', message USING ERRCODE = code, DETAIL = facts::text;
END $$;

CREATE FUNCTION budgets_gate(ledger bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT hashtextextended('budgets.' || ledger::text, 0)
$$;

CREATE FUNCTION budgets_phase(state text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE state WHEN 'submitted' THEN 'reserved' WHEN 'approved' THEN 'reserved'
    WHEN 'posted' THEN 'spent' ELSE 'released' END
$$;

-- What entries take of budgets now. Carrying over and opening spends nothing.
CREATE FUNCTION budgets_wanted(ids bigint[], only_budget bigint DEFAULT NULL)
RETURNS TABLE (budget_id bigint, entry_id bigint, phase text, amount numeric)
LANGUAGE sql STABLE AS $$
  WITH RECURSIVE lines AS MATERIALIZED (
    SELECT e.id, e.ledger_id, e.entry_date, e.state, l.account_id, l.dimension_set_id,
      l.base_amount
    FROM ledgers_journalentry e
    JOIN ledgers_journalline l ON l.entry_id = e.id
    LEFT JOIN ledgers_journalentry o ON o.id = e.reversal_of_id
    WHERE e.id = ANY (ids) AND budgets_phase(e.state) <> 'released'
      AND coalesce(o.kind, e.kind) NOT IN ('opening', 'profit_transfer', 'year_end')
  ), above (leaf, id) AS (
    SELECT DISTINCT account_id, account_id FROM lines
    UNION
    SELECT above.leaf, a.parent_id FROM above
    JOIN ledgers_account a ON a.id = above.id WHERE a.parent_id IS NOT NULL
  )
  SELECT b.id, l.id, budgets_phase(l.state), sum(l.base_amount)
  FROM lines l
  JOIN budgets_budget b ON b.ledger_id = l.ledger_id
    AND l.entry_date BETWEEN b.starts_on AND b.ends_on
    AND (only_budget IS NULL OR b.id = only_budget)
  JOIN ledgers_account a ON a.id = l.account_id
  LEFT JOIN ledgers_dimensionset d ON d.id = l.dimension_set_id
  WHERE (b.dimension_value_id IS NULL OR d.value_ids @> ARRAY[b.dimension_value_id])
    AND CASE WHEN b.account_id IS NULL
      THEN a.account_class = 'cost' OR a.statement_section = 'expense'
      ELSE EXISTS (SELECT 1 FROM above u WHERE u.leaf = l.account_id AND u.id = b.account_id) END
  GROUP BY b.id, l.id, l.state
$$;

-- Write what entries take, and move the totals by the difference.
CREATE FUNCTION budgets_move(ids bigint[], only_budget bigint DEFAULT NULL) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE touched bigint[]; bad record;
BEGIN
  SELECT array_agg(DISTINCT t.budget_id ORDER BY t.budget_id) INTO touched FROM (
    SELECT w.budget_id FROM budgets_wanted(ids, only_budget) w
    UNION ALL
    SELECT u.budget_id FROM budgets_budgetuse u
      WHERE u.entry_id = ANY (ids) AND (only_budget IS NULL OR u.budget_id = only_budget)) t;
  IF touched IS NULL THEN
    RETURN;
  END IF;
  PERFORM 1 FROM budgets_budgettotal WHERE budget_id = ANY (touched)
    ORDER BY budget_id FOR NO KEY UPDATE;
  WITH before AS MATERIALIZED (
    SELECT u.budget_id, u.entry_id, u.phase, u.amount FROM budgets_budgetuse u
    WHERE u.entry_id = ANY (ids) AND u.budget_id = ANY (touched)
  ), wanted AS MATERIALIZED (
    SELECT w.* FROM budgets_wanted(ids, only_budget) w
    UNION ALL
    SELECT b.budget_id, b.entry_id, 'released', b.amount FROM before b
    WHERE NOT EXISTS (SELECT 1 FROM ledgers_journalentry e
      WHERE e.id = b.entry_id AND budgets_phase(e.state) <> 'released')
  ), written AS (
    INSERT INTO budgets_budgetuse AS u (budget_id, entry_id, phase, amount, at)
      SELECT w.budget_id, w.entry_id, w.phase, w.amount, clock_timestamp() FROM wanted w
      ORDER BY 1, 2
    ON CONFLICT (budget_id, entry_id)
      DO UPDATE SET phase = excluded.phase, amount = excluded.amount, at = excluded.at
  ), deltas AS (
    SELECT w.budget_id,
      sum(CASE w.phase WHEN 'spent' THEN w.amount ELSE 0 END
        - CASE b.phase WHEN 'spent' THEN b.amount ELSE 0 END) AS spent,
      sum(CASE w.phase WHEN 'reserved' THEN greatest(w.amount, 0) ELSE 0 END
        - CASE b.phase WHEN 'reserved' THEN greatest(b.amount, 0) ELSE 0 END) AS reserved
    FROM wanted w LEFT JOIN before b USING (budget_id, entry_id)
    GROUP BY w.budget_id
  ), moved AS (
    UPDATE budgets_budgettotal t SET spent = t.spent + d.spent,
      reserved = t.reserved + d.reserved, version = t.version + 1
    FROM deltas d WHERE t.budget_id = d.budget_id
    RETURNING t.budget_id, t.spent + t.reserved AS taken, d.spent + d.reserved AS grown
  )
  SELECT b.id, b.name, b.currency_id, b.amount - m.taken + m.grown AS free, m.grown INTO bad
  FROM moved m JOIN budgets_budget b ON b.id = m.budget_id
  WHERE only_budget IS NULL AND b.is_hard AND b.is_active AND m.grown > 0
    AND m.taken > b.amount
  ORDER BY b.id LIMIT 1;
  IF FOUND THEN
    PERFORM budgets_refuse('FM070', format('budget %s has too little left', bad.id),
      json_build_object('budget', bad.name, 'currency', bad.currency_id,
        'free', trim_scale(bad.free)::text, 'amount', trim_scale(bad.grown)::text));
  END IF;
END $$;

-- The lines of a new entry stand when its statement ends, and so when this runs.
CREATE FUNCTION budgets_follow_new() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE ids bigint[];
BEGIN
  SELECT array_agg(n.id) INTO ids FROM new_rows n WHERE budgets_phase(n.state) <> 'released';
  IF ids IS NOT NULL THEN
    PERFORM pg_advisory_xact_lock_shared(budgets_gate(g.ledger_id)) FROM (
      SELECT DISTINCT n.ledger_id FROM new_rows n WHERE n.id = ANY (ids) ORDER BY 1) g;
    IF EXISTS (SELECT 1 FROM budgets_budget b
        WHERE b.ledger_id IN (SELECT n.ledger_id FROM new_rows n)) THEN
      PERFORM budgets_move(ids);
    END IF;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER entry_takes_of_budgets AFTER INSERT ON ledgers_journalentry
  REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION budgets_follow_new();

CREATE FUNCTION budgets_follow_step() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE ids bigint[];
BEGIN
  SELECT array_agg(n.id) INTO ids FROM new_rows n JOIN old_rows o ON o.id = n.id
    WHERE budgets_phase(n.state) <> budgets_phase(o.state);
  IF ids IS NOT NULL THEN
    PERFORM pg_advisory_xact_lock_shared(budgets_gate(g.ledger_id)) FROM (
      SELECT DISTINCT n.ledger_id FROM new_rows n WHERE n.id = ANY (ids) ORDER BY 1) g;
    IF EXISTS (SELECT 1 FROM budgets_budget b
        WHERE b.ledger_id IN (SELECT n.ledger_id FROM new_rows n)) THEN
      PERFORM budgets_move(ids);
    END IF;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER entry_moves_budgets AFTER UPDATE ON ledgers_journalentry
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION budgets_follow_step();

-- A budget begins with what its entries took before it was written.
CREATE FUNCTION budgets_begin() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE ids bigint[];
BEGIN
  PERFORM pg_advisory_xact_lock(budgets_gate(NEW.ledger_id));
  INSERT INTO budgets_budgettotal (budget_id, spent, reserved, version) VALUES (NEW.id, 0, 0, 1);
  SELECT array_agg(e.id) INTO ids FROM ledgers_journalentry e
    WHERE e.ledger_id = NEW.ledger_id AND e.entry_date BETWEEN NEW.starts_on AND NEW.ends_on
      AND budgets_phase(e.state) <> 'released';
  PERFORM budgets_move(ids, NEW.id);
  RETURN NULL;
END $$;
CREATE TRIGGER budget_begin AFTER INSERT ON budgets_budget
  FOR EACH ROW EXECUTE FUNCTION budgets_begin();

CREATE FUNCTION budgets_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE free text[] := '{name,amount,is_hard,is_active,version,updated_at,updated_by_id}';
BEGIN
  IF TG_OP = 'UPDATE' AND (to_jsonb(NEW) - free) IS DISTINCT FROM (to_jsonb(OLD) - free) THEN
    PERFORM budgets_refuse('FM072', 'what a budget is about never changes: write another one');
  END IF;
  IF NOT EXISTS (SELECT 1 FROM ledgers_ledger l WHERE l.id = NEW.ledger_id
        AND l.organization_id = NEW.organization_id AND l.base_currency_id = NEW.currency_id
        AND (NEW.account_id IS NULL OR EXISTS (SELECT 1 FROM ledgers_account a
          WHERE a.id = NEW.account_id AND a.chart_id = l.chart_id)))
      OR NEW.dimension_value_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM ledgers_dimensionvalue v WHERE v.id = NEW.dimension_value_id
          AND v.organization_id = NEW.organization_id) THEN
    PERFORM budgets_refuse('FM071', 'a budget is of one ledger and its currency');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER budget_guard BEFORE INSERT OR UPDATE ON budgets_budget
  FOR EACH ROW EXECUTE FUNCTION budgets_guard();

CREATE FUNCTION budgets_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM budgets_refuse('FM072', 'nothing of a budget is ever deleted');
  RETURN NULL;
END $$;
CREATE TRIGGER budget_keep BEFORE DELETE OR TRUNCATE ON budgets_budget
  FOR EACH STATEMENT EXECUTE FUNCTION budgets_keep();
CREATE TRIGGER use_keep BEFORE DELETE OR TRUNCATE ON budgets_budgetuse
  FOR EACH STATEMENT EXECUTE FUNCTION budgets_keep();
CREATE TRIGGER total_keep BEFORE DELETE OR TRUNCATE ON budgets_budgettotal
  FOR EACH STATEMENT EXECUTE FUNCTION budgets_keep();
