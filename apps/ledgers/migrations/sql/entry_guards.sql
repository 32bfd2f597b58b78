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
-- on to submitted while a line is being added. Hash and merge joins are off wherever a
-- transition table meets a large one: the plan is kept for the session, and one that was
-- made for a thousand lines would read all entries for the next two.
CREATE FUNCTION ledgers_line_insert_guard() RETURNS trigger LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE bad record;
BEGIN
  PERFORM 1 FROM ledgers_journalentry e
    WHERE e.id = ANY (array(SELECT DISTINCT entry_id FROM new_lines))
      AND e.created_xid <> pg_current_xact_id()
    ORDER BY e.id FOR SHARE;
  SELECT l.entry_id, e.state, e.state <> 'draft' AS frozen INTO bad
    FROM new_lines l
    JOIN ledgers_journalentry e ON e.id = l.entry_id
    JOIN ledgers_ledger g ON g.id = e.ledger_id
    LEFT JOIN ledgers_account a ON a.id = l.account_id
    LEFT JOIN ledgers_dimensionset d ON d.id = l.dimension_set_id
    LEFT JOIN organizations_currency c ON c.code = l.currency_id
    WHERE e.state <> 'draft' OR l.ledger_id <> e.ledger_id OR a.chart_id <> g.chart_id
      OR d.organization_id <> g.organization_id OR c.code IS NULL
    LIMIT 1;
  IF bad.frozen THEN
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
DECLARE bad record; ids bigint[] := array(SELECT DISTINCT entry_id FROM old_lines);
BEGIN
  PERFORM 1 FROM ledgers_journalentry e WHERE e.id = ANY (ids) ORDER BY e.id FOR SHARE;
  SELECT e.id, e.state INTO bad FROM ledgers_journalentry e
    WHERE e.id = ANY (ids) AND e.state <> 'draft' LIMIT 1;
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

CREATE FUNCTION ledgers_entry_insert_guard() RETURNS trigger LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE bad record;
BEGIN
  SELECT n.id, n.state <> 'draft' OR n.created_xid <> pg_current_xact_id() AS is_no_draft
    INTO bad FROM new_entries n
    JOIN ledgers_ledger g ON g.id = n.ledger_id
    LEFT JOIN organizations_user m ON m.id = n.maker_id
    LEFT JOIN organizations_user c ON c.id = n.checker_id
    LEFT JOIN ledgers_journalentry o ON o.id = n.reversal_of_id
    WHERE n.state <> 'draft' OR n.created_xid <> pg_current_xact_id()
      OR (m.id IS NOT NULL AND m.organization_id IS DISTINCT FROM g.organization_id)
      OR (c.id IS NOT NULL AND c.organization_id IS DISTINCT FROM g.organization_id)
      OR o.ledger_id <> n.ledger_id LIMIT 1;
  IF FOUND AND bad.is_no_draft THEN
    PERFORM ledgers_refuse('FM003', 'an entry is born as a draft',
      json_build_object('entry', bad.id));
  ELSIF FOUND THEN
    PERFORM ledgers_refuse('FM006', 'people and reversed entry are of the same organization',
      json_build_object('entry', bad.id));
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

-- A draft may go straight to posted only inside the transaction that made it: nobody can
-- have seen it as a draft. That is how entries of machines arrive, their checker named.
CREATE FUNCTION ledgers_is_legal_step(old_state text, new_state text, is_new boolean)
RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT old_state = new_state OR (old_state, new_state) IN (
    ('draft', 'submitted'), ('draft', 'cancelled'), ('submitted', 'draft'),
    ('submitted', 'approved'), ('approved', 'submitted'), ('approved', 'posted'))
    OR (is_new AND old_state = 'draft' AND new_state = 'posted')
$$;

-- For each row: it compares a row with itself as it was, which a statement could only do by
-- joining what it changed with what that had been.
CREATE FUNCTION ledgers_entry_step_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state <> 'posted' AND NOT ledgers_is_legal_step(OLD.state, NEW.state,
      OLD.created_xid = pg_current_xact_id()) THEN
    PERFORM ledgers_refuse('FM003', format('no step leads from %s to %s', OLD.state, NEW.state),
      json_build_object('entry', OLD.id, 'from', OLD.state, 'to', NEW.state));
  ELSIF OLD.state = 'posted'
      OR (NEW.id, NEW.ledger_id, NEW.maker_id, NEW.source, NEW.created_xid)
        <> (OLD.id, OLD.ledger_id, OLD.maker_id, OLD.source, OLD.created_xid)
      OR NEW.idempotency_key IS DISTINCT FROM OLD.idempotency_key
      OR NEW.reversal_of_id IS DISTINCT FROM OLD.reversal_of_id
      OR (OLD.state <> 'draft' AND NEW.state <> 'draft'
        AND (NEW.content_hash, NEW.entry_date, NEW.period_id, NEW.word, NEW.kind, NEW.summary,
            NEW.total)
          <> (OLD.content_hash, OLD.entry_date, OLD.period_id, OLD.word, OLD.kind, OLD.summary,
            OLD.total))
      OR (OLD.state = 'approved' AND NEW.state IN ('approved', 'posted')
        AND NEW.checker_id IS DISTINCT FROM OLD.checker_id)
      OR (NEW.state IN ('submitted', 'approved', 'posted') AND NEW.content_hash = '') THEN
    PERFORM ledgers_refuse('FM002', format('this part of a %s entry is fixed', OLD.state),
      json_build_object('entry', OLD.id));
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER journalentry_step_guard BEFORE UPDATE ON ledgers_journalentry
  FOR EACH ROW EXECUTE FUNCTION ledgers_entry_step_guard();

CREATE FUNCTION ledgers_entry_update_guard() RETURNS trigger LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE submitted bigint[]; posted bigint[]; bad record;
BEGIN
  SELECT array_agg(id) FILTER (WHERE state = 'submitted'),
      array_agg(id) FILTER (WHERE state = 'posted')
    INTO submitted, posted FROM new_entries;
  -- The hash was read before this UPDATE took the row: a line may have come in between.
  IF submitted IS NOT NULL THEN
    SELECT e.id INTO bad FROM ledgers_journalentry e
      WHERE e.id = ANY (submitted) AND e.content_hash <>
        (SELECT h.content_hash FROM ledgers_content_hashes(ARRAY[e.id]) h) LIMIT 1;
    IF FOUND THEN
      PERFORM ledgers_refuse('FM015', 'the lines changed while the entry was submitted',
        json_build_object('entry', bad.id));
    END IF;
  END IF;
  IF posted IS NOT NULL THEN
    PERFORM ledgers_check_posted(posted);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER journalentry_update_guard AFTER UPDATE ON ledgers_journalentry
  REFERENCING NEW TABLE AS new_entries
  FOR EACH STATEMENT EXECUTE FUNCTION ledgers_entry_update_guard();
