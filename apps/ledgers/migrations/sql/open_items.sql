-- Open items: made by posting, changed by movements alone, never over-settled.
--
--   control account (account, dimensions, currency) = Σ items + Σ movements, on every day
--
-- A line of a settlement's own entry, or of a revaluation, opens no item: it carries the
-- movements of items that exist. Everything here is set-based and looks at control accounts
-- only. The functions run as their owner: the role of the application reads items, and may
-- write nothing of them but due day and reference.
--
-- SQLSTATE   meaning
-- FM030      an entry cannot be reversed while its items are settled
-- FM031      a movement, item or settlement does not fit the others

ALTER TABLE ledgers_account ADD CONSTRAINT account_is_of_chart UNIQUE (chart_id, id);
ALTER TABLE ledgers_ledger
  ADD CONSTRAINT rounding_account_is_of_chart FOREIGN KEY (chart_id, rounding_account_id)
    REFERENCES ledgers_account (chart_id, id),
  ADD CONSTRAINT exchange_gain_account_is_of_chart FOREIGN KEY (chart_id, exchange_gain_account_id)
    REFERENCES ledgers_account (chart_id, id),
  ADD CONSTRAINT exchange_loss_account_is_of_chart FOREIGN KEY (chart_id, exchange_loss_account_id)
    REFERENCES ledgers_account (chart_id, id);

-- An item is due by the usual term of the policy that its entry remembers, whatever was
-- confirmed since; of the built-in one (30 days) where it remembers none.
CREATE FUNCTION ledgers_open_items(ids bigint[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO ledgers_openitem (ledger_id, account_id, partner_id, dimension_set_id, entry_id,
      line_id, entry_date, due_on, currency_id, amount, base_amount, open_amount, carrying_base)
    SELECT l.ledger_id, l.account_id, p.id, l.dimension_set_id, l.entry_id, l.id, l.entry_date,
      l.entry_date + coalesce(f.default_payment_term, 30), l.currency_id, l.amount,
      l.base_amount, l.amount, l.base_amount
    FROM ledgers_journalentry e
    LEFT JOIN policies_financepolicy f ON f.id = e.policy_id
    JOIN ledgers_journalline l ON l.entry_id = e.id
    JOIN ledgers_account a ON a.id = l.account_id
    LEFT JOIN ledgers_dimensionset d ON d.id = l.dimension_set_id
    LEFT JOIN LATERAL (
      SELECT v.id FROM ledgers_dimensionvalue v JOIN ledgers_dimensiontype t ON t.id = v.type_id
      WHERE v.id = ANY (d.value_ids)
        AND t.code = CASE a.control WHEN 'receivable' THEN 'customer' ELSE 'supplier' END
    ) p ON true
    WHERE e.id = ANY (ids) AND a.control IN ('receivable', 'payable') AND l.amount <> 0
      AND e.kind <> 'settlement' AND e.reversal_of_id IS NULL
    ORDER BY l.id
$$;

-- A reversal takes back what its original did to items: it closes those that it opened, and
-- undoes a revaluation. A settlement stands in the way and is undone by itself.
CREATE FUNCTION ledgers_reverse_items(ids bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE bad record;
BEGIN
  PERFORM 1 FROM ledgers_openitem i
    WHERE i.entry_id IN (SELECT reversal_of_id FROM ledgers_journalentry WHERE id = ANY (ids))
    ORDER BY i.id FOR NO KEY UPDATE;
  SELECT e.id, i.id AS item INTO bad FROM ledgers_journalentry e
    LEFT JOIN ledgers_openitem i ON i.entry_id = e.reversal_of_id AND i.open_amount <> i.amount
    LEFT JOIN ledgers_settlement s ON s.entry_id = e.reversal_of_id AND s.state = 'active'
    WHERE e.id = ANY (ids) AND (i.id IS NOT NULL OR s.id IS NOT NULL) LIMIT 1;
  IF FOUND THEN
    PERFORM ledgers_refuse('FM030', 'an item of the entry is settled',
      json_build_object('entry', bad.id, 'item', bad.item));
  END IF;
  INSERT INTO ledgers_itemmovement (item_id, kind, effective_on, amount, base_amount, entry_id,
      created_at)
    SELECT i.id, 'reversal', e.entry_date, -i.amount, -i.base_amount, e.id, clock_timestamp()
      FROM ledgers_journalentry e JOIN ledgers_openitem i ON i.entry_id = e.reversal_of_id
      WHERE e.id = ANY (ids)
    UNION ALL
    SELECT m.item_id, 'revaluation', e.entry_date, 0, -m.base_amount, e.id, clock_timestamp()
      FROM ledgers_journalentry e JOIN ledgers_itemmovement m ON m.entry_id = e.reversal_of_id
      WHERE e.id = ANY (ids) AND m.kind = 'revaluation';
END $$;

-- Spread a revaluation over the items behind each of its lines on a control account: each
-- to its open amount at the line's rate, the largest takes the rest. Items settled after the
-- day of the revaluation were open on it and take their part too.
CREATE FUNCTION ledgers_revalue_items(ids bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE bad record;
BEGIN
  PERFORM 1 FROM ledgers_openitem i
    JOIN ledgers_journalline l ON l.ledger_id = i.ledger_id AND l.account_id = i.account_id
      AND l.currency_id = i.currency_id
    WHERE l.entry_id = ANY (ids) AND i.dimension_set_id IS NOT DISTINCT FROM l.dimension_set_id
    ORDER BY i.id FOR NO KEY UPDATE OF i;
  WITH lines AS (
    SELECT l.id, l.entry_id, l.ledger_id, l.account_id, l.dimension_set_id, l.currency_id,
      l.entry_date, l.base_amount, CASE WHEN l.rate <> 1 THEN l.rate / l.rate_per END AS rate,
      c.minor_digits AS digits
    FROM ledgers_journalline l
    JOIN ledgers_account a ON a.id = l.account_id
    JOIN ledgers_ledger g ON g.id = l.ledger_id
    JOIN organizations_currency c ON c.code = g.base_currency_id
    WHERE l.entry_id = ANY (ids) AND a.control IN ('receivable', 'payable') AND l.amount = 0
  ), items AS (
    SELECT l.id AS line, i.id AS item, i.amount + coalesce(sum(m.amount), 0) AS held,
      i.base_amount + coalesce(sum(m.base_amount), 0) AS carried
    FROM lines l
    JOIN ledgers_openitem i ON i.ledger_id = l.ledger_id AND i.account_id = l.account_id
      AND i.currency_id = l.currency_id AND i.entry_date <= l.entry_date
      AND i.dimension_set_id IS NOT DISTINCT FROM l.dimension_set_id
    LEFT JOIN ledgers_itemmovement m ON m.item_id = i.id AND m.effective_on <= l.entry_date
    GROUP BY l.id, i.id
  ), targets AS (
    SELECT line, item, held, carried, sum(carried) OVER w AS all_carried,
      sum(held) OVER w AS all_held
    FROM items WHERE held <> 0 OR carried <> 0 WINDOW w AS (PARTITION BY line)
  ), deltas AS (
    SELECT l.id AS line, l.entry_id, l.entry_date, l.base_amount, t.item, t.held,
      coalesce(round(t.held * coalesce(l.rate,
        (t.all_carried + l.base_amount) / nullif(t.all_held, 0)), l.digits), t.carried)
        - t.carried AS delta
    FROM targets t JOIN lines l ON l.id = t.line
  ), spread AS (
    SELECT item, entry_id, entry_date, delta + CASE WHEN row_number() OVER (
        PARTITION BY line ORDER BY abs(held) DESC, item) = 1
      THEN base_amount - sum(delta) OVER (PARTITION BY line) ELSE 0 END AS delta
    FROM deltas
  )
  INSERT INTO ledgers_itemmovement (item_id, kind, effective_on, amount, base_amount, entry_id,
      created_at)
    SELECT item, 'revaluation', entry_date, 0, sum(delta), entry_id, clock_timestamp()
    FROM spread GROUP BY item, entry_id, entry_date HAVING sum(delta) <> 0;
  SELECT l.entry_id, l.position INTO bad FROM ledgers_journalline l
    JOIN ledgers_account a ON a.id = l.account_id
    WHERE l.entry_id = ANY (ids) AND a.control IN ('receivable', 'payable') AND l.amount = 0
      AND NOT EXISTS (SELECT 1 FROM ledgers_itemmovement m JOIN ledgers_openitem i
        ON i.id = m.item_id WHERE m.entry_id = l.entry_id AND i.account_id = l.account_id
          AND i.dimension_set_id IS NOT DISTINCT FROM l.dimension_set_id) LIMIT 1;
  IF FOUND THEN
    PERFORM ledgers_refuse('FM031', 'a control account is changed by no item',
      json_build_object('entry', bad.entry_id, 'line', bad.position));
  END IF;
END $$;

CREATE FUNCTION ledgers_entry_items() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE posted bigint[]; rates bigint[]; has_rates boolean; has_items boolean;
BEGIN
  posted := array(SELECT id FROM new_entries WHERE state = 'posted');
  IF posted = '{}' THEN RETURN NULL; END IF;
  -- Most entries have neither: one look tells, for all that the statement posted. By key, for
  -- a session keeps the plan, and may have made it when the tables were small.
  SELECT bool_or(l.rate_ids IS NOT NULL), bool_or((SELECT a.control FROM ledgers_account a
      WHERE a.id = l.account_id) IN ('receivable', 'payable'))
    INTO has_rates, has_items
    FROM ledgers_journalline l WHERE l.entry_id = ANY (posted);
  IF NOT coalesce(has_rates OR has_items, false) THEN RETURN NULL; END IF;
  -- A rate that a posted entry stands on never changes any more.
  IF has_rates THEN
    rates := array(SELECT r.id FROM fx_exchangerate r WHERE NOT r.is_used AND r.id IN (
        SELECT unnest(l.rate_ids) FROM ledgers_journalline l
        WHERE l.entry_id = ANY (posted) AND l.rate_ids IS NOT NULL)
      ORDER BY r.id FOR NO KEY UPDATE);
    UPDATE fx_exchangerate SET is_used = true WHERE id = ANY (rates) AND NOT is_used;
  END IF;
  IF NOT has_items THEN RETURN NULL; END IF;
  PERFORM ledgers_open_items(posted);
  posted := array(SELECT id FROM new_entries WHERE state = 'posted'
    AND reversal_of_id IS NOT NULL);
  IF posted <> '{}' THEN PERFORM ledgers_reverse_items(posted); END IF;
  posted := array(SELECT id FROM new_entries WHERE state = 'posted'
    AND reversal_of_id IS NULL AND kind <> 'settlement');
  IF EXISTS (SELECT 1 FROM ledgers_journalline l JOIN ledgers_account a ON a.id = l.account_id
      WHERE l.entry_id = ANY (posted) AND l.amount = 0
        AND a.control IN ('receivable', 'payable')) THEN
    PERFORM ledgers_revalue_items(posted);
  END IF;
  RETURN NULL;
END $$;
-- After the guard of the same event, by name: what is refused there never gets here.
CREATE TRIGGER journalentry_update_items AFTER UPDATE ON ledgers_journalentry
  REFERENCING NEW TABLE AS new_entries
  FOR EACH STATEMENT EXECUTE FUNCTION ledgers_entry_items();
CREATE TRIGGER journalentry_insert_items AFTER INSERT ON ledgers_journalentry
  REFERENCING NEW TABLE AS new_entries
  FOR EACH STATEMENT EXECUTE FUNCTION ledgers_entry_items();

-- Items -----------------------------------------------------------------------------------

CREATE FUNCTION ledgers_item_insert_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE bad record;
BEGIN
  SELECT n.id INTO bad FROM new_items n
    LEFT JOIN ledgers_journalline l ON l.id = n.line_id
    LEFT JOIN ledgers_journalentry e ON e.id = l.entry_id AND e.state = 'posted'
      AND e.kind <> 'settlement' AND e.reversal_of_id IS NULL
    LEFT JOIN ledgers_account a ON a.id = l.account_id
      AND a.control IN ('receivable', 'payable')
    WHERE e.id IS NULL OR a.id IS NULL
      OR (n.ledger_id, n.account_id, n.entry_id, n.entry_date, n.currency_id, n.amount,
          n.base_amount, n.open_amount, n.carrying_base)
        <> (l.ledger_id, l.account_id, l.entry_id, l.entry_date, l.currency_id, l.amount,
          l.base_amount, l.amount, l.base_amount)
      OR n.dimension_set_id IS DISTINCT FROM l.dimension_set_id LIMIT 1;
  IF FOUND THEN
    PERFORM ledgers_refuse('FM031', 'an item mirrors a posted line on a control account',
      json_build_object('item', bad.id));
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER openitem_insert_guard AFTER INSERT ON ledgers_openitem
  REFERENCING NEW TABLE AS new_items
  FOR EACH STATEMENT EXECUTE FUNCTION ledgers_item_insert_guard();

-- What is left of an item changes by movements alone: their trigger is one level further up.
CREATE FUNCTION ledgers_item_update_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (to_jsonb(NEW) - '{due_on,reference,version,open_amount,carrying_base}'::text[])
      <> (to_jsonb(OLD) - '{due_on,reference,version,open_amount,carrying_base}'::text[])
    OR (pg_trigger_depth() < 2
        AND (NEW.open_amount, NEW.carrying_base) <> (OLD.open_amount, OLD.carrying_base)) THEN
    PERFORM ledgers_refuse('FM031', 'an item changes by movements',
      json_build_object('item', OLD.id));
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER openitem_update_guard BEFORE UPDATE ON ledgers_openitem
  FOR EACH ROW EXECUTE FUNCTION ledgers_item_update_guard();

CREATE FUNCTION ledgers_item_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM ledgers_refuse('FM002', TG_TABLE_NAME || ' keeps its rows');
  RETURN NULL;
END $$;
CREATE TRIGGER openitem_keep BEFORE DELETE ON ledgers_openitem
  FOR EACH ROW EXECUTE FUNCTION ledgers_item_keep();
CREATE TRIGGER openitem_no_truncate BEFORE TRUNCATE ON ledgers_openitem
  EXECUTE FUNCTION ledgers_refuse_truncate();

-- Movements -------------------------------------------------------------------------------

CREATE FUNCTION ledgers_movement_guard() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE reason text;
BEGIN
  PERFORM 1 FROM ledgers_openitem WHERE id IN (SELECT item_id FROM new_movements)
    ORDER BY id FOR NO KEY UPDATE;
  UPDATE ledgers_openitem i SET open_amount = i.open_amount + m.amount,
      carrying_base = i.carrying_base + m.base, version = i.version + 1
    FROM (SELECT item_id, sum(amount) AS amount, sum(base_amount) AS base
          FROM new_movements GROUP BY item_id) m
    WHERE i.id = m.item_id;
  reason := coalesce(ledgers_why_settlement_differs(
      array(SELECT DISTINCT settlement_id FROM new_movements WHERE settlement_id IS NOT NULL),
      array(SELECT id FROM new_movements)),
    ledgers_why_entry_differs(
      array(SELECT DISTINCT entry_id FROM new_movements WHERE entry_id IS NOT NULL)));
  IF reason IS NULL AND EXISTS (
      SELECT 1 FROM new_movements m JOIN ledgers_openitem i ON i.id = m.item_id
      WHERE m.effective_on < i.entry_date
        OR (m.kind = 'settlement' AND i.open_amount = 0 AND i.carrying_base <> 0)) THEN
    reason := 'rest';
  END IF;
  IF reason IS NOT NULL THEN
    PERFORM ledgers_refuse('FM031', 'movements do not fit: ' || reason,
      json_build_object('reason', reason));
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER itemmovement_insert_guard AFTER INSERT ON ledgers_itemmovement
  REFERENCING NEW TABLE AS new_movements
  FOR EACH STATEMENT EXECUTE FUNCTION ledgers_movement_guard();

-- All movements of a settlement come in one statement, move as much down as up, and stand
-- on items of its account, partner and currency; those of its undoing are the same, turned.
CREATE FUNCTION ledgers_why_settlement_differs(ids bigint[], movements bigint[])
RETURNS text LANGUAGE plpgsql AS $$
DECLARE closed record;
BEGIN
  IF ids = '{}' THEN RETURN NULL; END IF;
  IF EXISTS (
      SELECT 1 FROM ledgers_itemmovement m JOIN ledgers_settlement s ON s.id = m.settlement_id
      JOIN ledgers_openitem i ON i.id = m.item_id
      WHERE m.id = ANY (movements)
        AND ((i.ledger_id, i.account_id, i.currency_id)
            <> (s.ledger_id, s.account_id, s.currency_id)
          OR i.partner_id IS DISTINCT FROM s.partner_id
          OR (m.kind = 'settlement' AND (s.state <> 'active' OR m.effective_on <> s.settled_on
            OR m.entry_id IS DISTINCT FROM s.entry_id OR sign(m.amount) = sign(i.amount)))
          OR (m.kind = 'undo' AND (s.state <> 'undone' OR m.effective_on <> s.undone_on)))) THEN
    RETURN 'item';
  END IF;
  IF EXISTS (
      SELECT 1 FROM ledgers_settlement s JOIN ledgers_itemmovement m ON m.settlement_id = s.id
      WHERE s.id = ANY (ids)
      GROUP BY s.id
      HAVING sum(m.amount) FILTER (WHERE m.kind = 'settlement') <> 0
        OR sum(m.amount) FILTER (WHERE m.kind = 'settlement' AND m.amount > 0) <> s.amount
        OR count(DISTINCT m.kind) FILTER (WHERE m.id = ANY (movements)) <> 1
        OR count(*) FILTER (WHERE m.id = ANY (movements))
          NOT IN (count(*) FILTER (WHERE m.kind = 'settlement'),
                  count(*) FILTER (WHERE m.kind = 'undo')))
    OR EXISTS (
      SELECT 1 FROM ledgers_itemmovement u LEFT JOIN ledgers_itemmovement m
        ON m.settlement_id = u.settlement_id AND m.item_id = u.item_id
        AND m.kind = 'settlement'
      WHERE u.id = ANY (movements) AND u.kind = 'undo'
        AND (m.amount, m.base_amount) IS DISTINCT FROM (-u.amount, -u.base_amount)) THEN
    RETURN 'sum';
  END IF;
  -- Without an entry of its own it changes no balance of any combination of dimensions.
  IF EXISTS (
      SELECT 1 FROM ledgers_itemmovement m JOIN ledgers_openitem i ON i.id = m.item_id
      WHERE m.id = ANY (movements) AND m.entry_id IS NULL
      GROUP BY m.settlement_id, i.dimension_set_id
      HAVING sum(m.amount) <> 0 OR sum(m.base_amount) <> 0) THEN
    RETURN 'entry';
  END IF;
  PERFORM pg_advisory_xact_lock_shared(ledgers_period_gate(period_id)) FROM (
    SELECT DISTINCT p.id AS period_id FROM ledgers_itemmovement m
    JOIN ledgers_settlement s ON s.id = m.settlement_id
    JOIN ledgers_period p ON p.ledger_id = s.ledger_id AND NOT p.is_adjustment
      AND m.effective_on BETWEEN p.starts_on AND p.ends_on
    WHERE m.id = ANY (movements) ORDER BY p.id) gates;
  SELECT p.fiscal_year, p.number, coalesce(p.state, 'future') AS state INTO closed
    FROM ledgers_itemmovement m JOIN ledgers_settlement s ON s.id = m.settlement_id
    LEFT JOIN ledgers_period p ON p.ledger_id = s.ledger_id AND NOT p.is_adjustment
      AND m.effective_on BETWEEN p.starts_on AND p.ends_on
    WHERE m.id = ANY (movements) AND p.state IS DISTINCT FROM 'open'
      AND p.state IS DISTINCT FROM 'closing' LIMIT 1;
  IF FOUND THEN
    PERFORM ledgers_refuse('FM004', 'the period takes no settlement', json_build_object(
      'state', closed.state,
      'period', format('%s-%s', closed.fiscal_year, lpad(closed.number::text, 2, '0'))));
  END IF;
  RETURN NULL;
END $$;

-- An entry that moves items moves their control accounts by as much, to the last dimension.
CREATE FUNCTION ledgers_why_entry_differs(ids bigint[]) RETURNS text LANGUAGE sql AS $$
  SELECT 'entry' WHERE EXISTS (
    SELECT 1 FROM (
      SELECT m.entry_id, i.account_id, i.dimension_set_id, i.currency_id, m.amount, m.base_amount
        FROM ledgers_itemmovement m JOIN ledgers_openitem i ON i.id = m.item_id
        WHERE m.entry_id = ANY (ids)
      UNION ALL
      SELECT l.entry_id, l.account_id, l.dimension_set_id, l.currency_id, -l.amount,
          -l.base_amount
        FROM ledgers_journalline l JOIN ledgers_account a ON a.id = l.account_id
        WHERE l.entry_id = ANY (ids) AND a.control IN ('receivable', 'payable')
          AND NOT EXISTS (SELECT 1 FROM ledgers_openitem o WHERE o.line_id = l.id)) both_sides
    GROUP BY entry_id, account_id, dimension_set_id, currency_id
    HAVING sum(amount) <> 0 OR sum(base_amount) <> 0)
$$;

-- Settlements -----------------------------------------------------------------------------

CREATE FUNCTION ledgers_settlement_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE kept text[] := '{state,undone_by_id,undone_on,undo_reason,version,updated_at,updated_by_id}';
BEGIN
  IF to_jsonb(NEW) - kept <> to_jsonb(OLD) - kept
      OR NOT (OLD.state = 'active' AND NEW.state = 'undone') THEN
    PERFORM ledgers_refuse('FM031', 'a settlement is undone once and changes in nothing else',
      json_build_object('settlement', OLD.id));
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER settlement_update_guard BEFORE UPDATE ON ledgers_settlement
  FOR EACH ROW EXECUTE FUNCTION ledgers_settlement_guard();
CREATE TRIGGER settlement_keep BEFORE DELETE ON ledgers_settlement
  FOR EACH ROW EXECUTE FUNCTION ledgers_item_keep();
CREATE TRIGGER settlement_no_truncate BEFORE TRUNCATE ON ledgers_settlement
  EXECUTE FUNCTION ledgers_refuse_truncate();

-- At commit a settlement has moved its items, and an undone one has moved them back.
CREATE FUNCTION ledgers_settlement_moved() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE settled bigint; undone bigint; current_state text;
BEGIN
  SELECT state INTO current_state FROM ledgers_settlement WHERE id = NEW.id;
  SELECT count(*) FILTER (WHERE kind = 'settlement'), count(*) FILTER (WHERE kind = 'undo')
    INTO settled, undone FROM ledgers_itemmovement WHERE settlement_id = NEW.id;
  IF settled < 2 OR undone <> (CASE current_state WHEN 'undone' THEN settled ELSE 0 END) THEN
    PERFORM ledgers_refuse('FM031', 'a settlement moves its items',
      json_build_object('settlement', NEW.id));
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER settlement_moved AFTER INSERT OR UPDATE ON ledgers_settlement
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledgers_settlement_moved();

-- An entry of a settlement has its settlement at commit; only such entries are looked at.
CREATE FUNCTION ledgers_settlement_entry_has_settlement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM ledgers_settlement WHERE entry_id = NEW.id) THEN
    PERFORM ledgers_refuse('FM031', 'an exchange difference belongs to a settlement',
      json_build_object('entry', NEW.id));
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER settlement_entry_has_settlement AFTER UPDATE ON ledgers_journalentry
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (NEW.kind = 'settlement' AND NEW.state = 'posted' AND OLD.state <> 'posted')
  EXECUTE FUNCTION ledgers_settlement_entry_has_settlement();
CREATE CONSTRAINT TRIGGER settlement_entry_born_has_settlement AFTER INSERT ON ledgers_journalentry
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (NEW.kind = 'settlement' AND NEW.state = 'posted')
  EXECUTE FUNCTION ledgers_settlement_entry_has_settlement();
