-- Rules are saved only after exactly they were tried; what was tried never changes.
--
-- SQLSTATE   meaning
-- FM120      a trial would change or go
-- FM127      rules would be saved or activated that nobody tried

CREATE FUNCTION reconciliation_trial_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'waiting' OR NEW.result <> '{}' OR NOT EXISTS (
      SELECT 1 FROM reconciliation_rulesetversion v
      JOIN reconciliation_ruleset s ON s.id = v.rule_set_id
      WHERE v.id = NEW.baseline_id AND v.state = 'active' AND s.channel_id = NEW.channel_id) THEN
      PERFORM reconciliation_refuse('FM120', 'a trial begins beside the active rules');
    END IF;
    RETURN NEW;
  END IF;
  IF TG_OP = 'DELETE' THEN
    PERFORM reconciliation_refuse('FM120', 'trials are never deleted');
  END IF;
  IF OLD.state = 'done' OR (NEW.id, NEW.channel_id, NEW.baseline_id, NEW.passes, NEW.options,
      NEW.digest, NEW.reason, NEW.from_on, NEW.to_on, NEW.created_by_id)
    IS DISTINCT FROM (OLD.id, OLD.channel_id, OLD.baseline_id, OLD.passes, OLD.options,
      OLD.digest, OLD.reason, OLD.from_on, OLD.to_on, OLD.created_by_id) THEN
    PERFORM reconciliation_refuse('FM120', 'what was tried never changes');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER trial_guard BEFORE INSERT OR UPDATE OR DELETE ON reconciliation_ruletrial
  FOR EACH ROW EXECUTE FUNCTION reconciliation_trial_guard();

-- The rules that a channel starts with are everybody's and were never tried. Versions from
-- before trials stay as they are; a draft of them cannot become active any more.
CREATE FUNCTION reconciliation_rules_are_tried() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF NEW.trial_id IS DISTINCT FROM OLD.trial_id THEN
      PERFORM reconciliation_refuse('FM120', 'the trial of a version never changes');
    END IF;
    IF OLD.state = 'draft' AND NEW.state = 'active' AND NEW.trial_id IS NULL THEN
      PERFORM reconciliation_refuse('FM127', 'rules that nobody tried become active never');
    END IF;
    RETURN NEW;
  END IF;
  IF NEW.state = 'active' AND NEW.trial_id IS NULL AND NOT EXISTS (
    SELECT 1 FROM reconciliation_rulesetversion v
    WHERE v.rule_set_id = NEW.rule_set_id AND v.state <> 'draft') THEN
    RETURN NEW;
  END IF;
  IF NEW.state <> 'draft' OR NOT EXISTS (
    SELECT 1 FROM reconciliation_ruletrial t
    JOIN reconciliation_ruleset s ON s.channel_id = t.channel_id
    WHERE t.id = NEW.trial_id AND s.id = NEW.rule_set_id AND t.state = 'done'
      AND t.passes = NEW.passes AND t.options = NEW.options) THEN
    PERFORM reconciliation_refuse('FM127', 'exactly these rules were not tried');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER rules_are_tried BEFORE INSERT OR UPDATE ON reconciliation_rulesetversion
  FOR EACH ROW EXECUTE FUNCTION reconciliation_rules_are_tried();
