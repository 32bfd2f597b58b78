-- Statements: what never changes, what belongs together, and what counts only when proved.
--
-- SQLSTATE   meaning
-- FM110      a line, a part or an imported statement would change or go
-- FM111      a channel, its statements and lines do not belong together
-- FM112      a statement would count although lines, sums or balances disagree
-- FM113      a statement would take a step that there is not
--
-- Lines come by the hundred thousand: everything about them is checked once for a statement of
-- SQL, over the whole set. The keys that StatementLine has no constraint for are checked here.

CREATE FUNCTION statements_refuse(code text, message text, facts json DEFAULT '{}') RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '%', message USING ERRCODE = code, DETAIL = facts::text;
END $$;

CREATE FUNCTION statements_channel_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM ledgers_ledger l JOIN ledgers_account a ON a.chart_id = l.chart_id
      WHERE l.id = NEW.ledger_id AND l.organization_id = NEW.organization_id
        AND a.id = NEW.account_id AND a.is_leaf
        AND (a.currency_id IS NULL OR a.currency_id = NEW.currency_id))
    OR NEW.partner_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM statements_statementpartner p
      WHERE p.id = NEW.partner_id AND p.organization_id = NEW.organization_id)
    OR NEW.mapping_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM statements_formatmapping m
      WHERE m.id = NEW.mapping_id AND m.organization_id = NEW.organization_id) THEN
    PERFORM statements_refuse('FM111', 'a channel is of one organization, ledger and currency');
  END IF;
  IF TG_OP = 'UPDATE' AND (NEW.id, NEW.organization_id, NEW.code) IS DISTINCT FROM
      (OLD.id, OLD.organization_id, OLD.code) THEN
    PERFORM statements_refuse('FM110', 'organization and code of a channel never change');
  END IF;
  IF TG_OP = 'UPDATE' AND (NEW.ledger_id, NEW.account_id, NEW.currency_id) IS DISTINCT FROM
      (OLD.ledger_id, OLD.account_id, OLD.currency_id)
    AND EXISTS (SELECT 1 FROM statements_statementfile f WHERE f.channel_id = NEW.id
      AND f.state IN ('importing', 'imported')) THEN
    PERFORM statements_refuse('FM110', 'the books of a channel with statements never change');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER channel_guard BEFORE INSERT OR UPDATE ON statements_channel
  FOR EACH ROW EXECUTE FUNCTION statements_channel_guard();

CREATE FUNCTION statements_file_insert_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.state <> 'reading' OR NEW.imported_at IS NOT NULL THEN
    PERFORM statements_refuse('FM113', 'a statement begins with being read');
  END IF;
  -- Keeps the books of the channel as they are for the length of this transaction.
  PERFORM 1 FROM statements_channel c JOIN organizations_user u ON u.id = NEW.created_by_id
    WHERE c.id = NEW.channel_id AND c.currency_id = NEW.currency_id
      AND u.organization_id = c.organization_id FOR SHARE OF c;
  IF NOT FOUND THEN
    PERFORM statements_refuse('FM111', 'a statement is of its channel and its currency');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER file_insert_guard BEFORE INSERT ON statements_statementfile
  FOR EACH ROW EXECUTE FUNCTION statements_file_insert_guard();

-- Lines, sums, parts and balances of a statement agree, or it does not count.
CREATE FUNCTION statements_prove(f statements_statementfile) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE lines record; parts record;
BEGIN
  SELECT count(*) AS count, coalesce(sum(l.amount), 0) AS total, min(l.booked_on) AS first_on,
    max(l.booked_on) AS last_on INTO lines
  FROM statements_statementline l WHERE l.statement_id = f.id;
  SELECT count(*) AS count, coalesce(sum(p.line_count), 0) AS lines,
    coalesce(sum(p.total), 0) AS total, min(p.from_on) AS from_on, max(p.to_on) AS to_on,
    (array_agg(p.opening_balance ORDER BY p.position))[1] AS opening,
    (array_agg(p.closing_balance ORDER BY p.position DESC))[1] AS closing INTO parts
  FROM statements_statementpart p WHERE p.statement_id = f.id;
  IF lines.count <> f.new_count OR lines.total <> f.new_total
    OR parts.count = 0 OR parts.lines <> f.line_count OR parts.total <> f.total
    OR (parts.from_on, parts.to_on) IS DISTINCT FROM (f.from_on, f.to_on)
    OR (parts.opening, parts.closing)
      IS DISTINCT FROM (f.opening_balance, f.closing_balance)
    OR f.new_count = f.line_count AND f.new_total <> f.total
    OR f.imported_at IS NULL OR f.imported_by_id IS NULL THEN
    PERFORM statements_refuse('FM112', format('statement %s is not proved', f.id),
      json_build_object('lines', lines.count, 'expected', f.new_count,
        'total', trim_scale(lines.total)::text, 'told', trim_scale(f.new_total)::text));
  END IF;
END $$;

CREATE FUNCTION statements_file_update_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE free text[] := '{state,failure,findings,version}';
  read text[] := '{encoding,external_account,from_on,to_on,opening_balance,closing_balance,'
    'line_count,total,new_count,new_total,imported_by_id,imported_at,rules,format}';
BEGIN
  IF OLD.state IN ('imported', 'failed', 'discarded') THEN
    PERFORM statements_refuse('FM110', 'a statement that ended never changes');
  END IF;
  IF (to_jsonb(NEW) - free - read) IS DISTINCT FROM (to_jsonb(OLD) - free - read) THEN
    PERFORM statements_refuse('FM110', 'channel and bytes of a statement never change');
  END IF;
  IF NEW.state <> OLD.state AND NOT (OLD.state, NEW.state) IN (('reading', 'ready'),
      ('ready', 'reading'), ('ready', 'importing'), ('importing', 'imported'),
      ('reading', 'failed'), ('importing', 'failed'), ('reading', 'discarded'),
      ('ready', 'discarded')) THEN
    PERFORM statements_refuse('FM113', format('%s does not follow %s', NEW.state, OLD.state));
  END IF;
  IF NEW.state = 'imported' THEN
    PERFORM statements_prove(NEW);
  ELSIF NEW.state = 'failed' AND EXISTS (
      SELECT 1 FROM statements_statementline l WHERE l.statement_id = NEW.id) THEN
    PERFORM statements_refuse('FM113', 'a statement with lines cannot fail');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER file_update_guard BEFORE UPDATE ON statements_statementfile
  FOR EACH ROW EXECUTE FUNCTION statements_file_update_guard();

-- What lines and parts are added to is being imported, and is of the same channel and currency.
CREATE FUNCTION statements_line_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM statements_statementfile f
    WHERE f.id IN (SELECT DISTINCT n.statement_id FROM new_rows n) ORDER BY f.id FOR SHARE;
  IF EXISTS (
    SELECT 1 FROM (SELECT DISTINCT n.statement_id, n.channel_id, n.currency_id FROM new_rows n) n
    LEFT JOIN statements_statementfile f ON f.id = n.statement_id AND f.state = 'importing'
      AND f.channel_id = n.channel_id AND f.currency_id = n.currency_id
    WHERE f.id IS NULL)
    OR EXISTS (
    SELECT 1 FROM (SELECT DISTINCT n.gross_currency_id AS code FROM new_rows n
      WHERE n.gross_currency_id IS NOT NULL) g
    LEFT JOIN organizations_currency c ON c.code = g.code WHERE c.code IS NULL) THEN
    PERFORM statements_refuse('FM111', 'lines are added to their statement while it is imported');
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER line_guard AFTER INSERT ON statements_statementline
  REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION statements_line_guard();

CREATE FUNCTION statements_part_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM statements_statementfile f
    WHERE f.id = NEW.statement_id AND f.state = 'importing' FOR SHARE;
  IF NOT FOUND THEN
    PERFORM statements_refuse('FM111', 'parts are added to their statement while it is imported');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER part_guard BEFORE INSERT ON statements_statementpart
  FOR EACH ROW EXECUTE FUNCTION statements_part_guard();

CREATE FUNCTION statements_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM statements_refuse('FM110', 'statements, their parts and lines are kept as they are');
  RETURN NULL;
END $$;
CREATE TRIGGER line_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON statements_statementline
  FOR EACH STATEMENT EXECUTE FUNCTION statements_keep();
CREATE TRIGGER part_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON statements_statementpart
  FOR EACH STATEMENT EXECUTE FUNCTION statements_keep();
CREATE TRIGGER file_keep BEFORE DELETE OR TRUNCATE ON statements_statementfile
  FOR EACH STATEMENT EXECUTE FUNCTION statements_keep();
CREATE TRIGGER channel_keep BEFORE DELETE OR TRUNCATE ON statements_channel
  FOR EACH STATEMENT EXECUTE FUNCTION statements_keep();
