-- Reconciliation: which steps there are, and what is for ever.
--
-- SQLSTATE   meaning
-- FM120      rules would change or go, or take a step that there is not
-- FM121      a run would take a step that there is not, or become another run
-- FM122      what was matched in a signed-off run would change or go

CREATE FUNCTION reconciliation_refuse(code text, message text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '%', message USING ERRCODE = code;
END $$;

CREATE FUNCTION reconciliation_rules_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    PERFORM reconciliation_refuse('FM120', 'rules are never deleted');
  END IF;
  IF (NEW.id, NEW.rule_set_id, NEW.number, NEW.passes, NEW.options, NEW.created_by_id)
    IS DISTINCT FROM
     (OLD.id, OLD.rule_set_id, OLD.number, OLD.passes, OLD.options, OLD.created_by_id) THEN
    PERFORM reconciliation_refuse('FM120', 'what a version of rules says never changes');
  END IF;
  IF NEW.state <> OLD.state
    AND (OLD.state, NEW.state) NOT IN (('draft', 'active'), ('draft', 'retired'),
      ('active', 'retired')) THEN
    PERFORM reconciliation_refuse('FM120', format('rules: %s to %s', OLD.state, NEW.state));
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER rules_guard BEFORE UPDATE OR DELETE ON reconciliation_rulesetversion
  FOR EACH ROW EXECUTE FUNCTION reconciliation_rules_guard();

CREATE FUNCTION reconciliation_run_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    PERFORM reconciliation_refuse('FM121', 'a run is never deleted');
  END IF;
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'created' OR NOT EXISTS (
      SELECT 1 FROM reconciliation_rulesetversion v
      JOIN reconciliation_ruleset s ON s.id = v.rule_set_id
      WHERE v.id = NEW.rule_version_id AND s.channel_id = NEW.channel_id
        AND v.state = 'active') THEN
      PERFORM reconciliation_refuse('FM121', 'a run begins by the active rules of its channel');
    END IF;
    RETURN NEW;
  END IF;
  IF (NEW.id, NEW.channel_id, NEW.rule_version_id, NEW.number, NEW.from_on, NEW.to_on)
    IS DISTINCT FROM
     (OLD.id, OLD.channel_id, OLD.rule_version_id, OLD.number, OLD.from_on, OLD.to_on) THEN
    PERFORM reconciliation_refuse('FM121', 'a run stays the run that it is');
  END IF;
  IF OLD.state IN ('review', 'signed_off')
    AND (NEW.digest, NEW.counters) IS DISTINCT FROM (OLD.digest, OLD.counters) THEN
    PERFORM reconciliation_refuse('FM121', 'what a run found never changes');
  END IF;
  IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (
      ('created', 'loading'), ('created', 'failed'), ('created', 'cancelled'),
      ('loading', 'matching'), ('loading', 'failed'), ('loading', 'cancelled'),
      ('matching', 'loading'), ('matching', 'review'), ('matching', 'failed'),
      ('matching', 'cancelled'), ('review', 'signed_off'), ('failed', 'created'),
      ('failed', 'cancelled')) THEN
    PERFORM reconciliation_refuse('FM121', format('run: %s to %s', OLD.state, NEW.state));
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER run_guard BEFORE INSERT OR UPDATE OR DELETE ON reconciliation_reconciliationrun
  FOR EACH ROW EXECUTE FUNCTION reconciliation_run_guard();

-- Rows come by the million: looked at once for a statement. What is open goes on to the next
-- run, whoever left it; what a signed-off run matched stays.
CREATE FUNCTION reconciliation_item_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM old_rows o JOIN reconciliation_reconciliationrun r ON r.id = o.run_id
      WHERE r.state = 'signed_off' AND o.bucket IN ('exact', 'date', 'group', 'tolerance',
        'textref', 'reversal', 'manual')) THEN
    PERFORM reconciliation_refuse('FM122', 'what was matched and signed off stays');
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER item_update_guard AFTER UPDATE ON reconciliation_matcheditem
  REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION reconciliation_item_guard();
CREATE TRIGGER item_delete_guard AFTER DELETE ON reconciliation_matcheditem
  REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION reconciliation_item_guard();

CREATE FUNCTION reconciliation_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM reconciliation_refuse('FM122', 'results are never emptied at once');
  RETURN NULL;
END $$;
CREATE TRIGGER item_no_truncate BEFORE TRUNCATE ON reconciliation_matcheditem
  EXECUTE FUNCTION reconciliation_no_truncate();
CREATE TRIGGER run_no_truncate BEFORE TRUNCATE ON reconciliation_reconciliationrun
  EXECUTE FUNCTION reconciliation_no_truncate();
