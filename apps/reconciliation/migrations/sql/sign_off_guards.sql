-- Sign-offs: who may sign what, and what is for ever.
--
-- SQLSTATE   meaning
-- FM122      what was matched in a signed-off run would change or go
-- FM123      a sign-off would change, go, or take a step that there is not
-- FM124      a run would be signed off that nobody signed

CREATE FUNCTION reconciliation_sign_off_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'prepared' OR NOT EXISTS (SELECT 1 FROM reconciliation_reconciliationrun r
        WHERE r.id = NEW.run_id AND r.state = 'review') THEN
      PERFORM reconciliation_refuse('FM123', 'a run in review is prepared first');
    END IF;
    IF NEW.supersedes_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM reconciliation_signoff s
        JOIN reconciliation_reconciliationrun r ON r.id = s.run_id
        JOIN reconciliation_reconciliationrun n ON n.id = NEW.run_id
          AND n.channel_id = r.channel_id AND n.to_on = r.to_on
        JOIN reconciliation_signoffwithdrawal w ON w.sign_off_id = s.id
          AND w.state = 'confirmed'
        WHERE s.id = NEW.supersedes_id AND s.state = 'signed') THEN
      PERFORM reconciliation_refuse('FM123', 'what is superseded was withdrawn before');
    END IF;
    RETURN NEW;
  END IF;
  IF OLD.state <> 'prepared' OR NEW.state = 'prepared' THEN
    PERFORM reconciliation_refuse('FM123', format('sign-off: %s to %s', OLD.state, NEW.state));
  END IF;
  IF (to_jsonb(NEW) - '{state,reviewed_by_id,reviewed_at,review_notes}'::text[])
    IS DISTINCT FROM
     (to_jsonb(OLD) - '{state,reviewed_by_id,reviewed_at,review_notes}'::text[]) THEN
    PERFORM reconciliation_refuse('FM123', 'what was prepared never changes');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER sign_off_guard BEFORE INSERT OR UPDATE ON reconciliation_signoff
  FOR EACH ROW EXECUTE FUNCTION reconciliation_sign_off_guard();

CREATE FUNCTION reconciliation_withdrawal_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'asked' OR NOT EXISTS (SELECT 1 FROM reconciliation_signoff s
        WHERE s.id = NEW.sign_off_id AND s.state = 'signed') THEN
      PERFORM reconciliation_refuse('FM123', 'what was signed off is asked to be withdrawn');
    END IF;
    RETURN NEW;
  END IF;
  IF OLD.state <> 'asked' OR NEW.state = 'asked'
    OR (NEW.id, NEW.sign_off_id, NEW.reason, NEW.asked_by_id, NEW.asked_at)
      IS DISTINCT FROM (OLD.id, OLD.sign_off_id, OLD.reason, OLD.asked_by_id, OLD.asked_at) THEN
    PERFORM reconciliation_refuse('FM123', 'a withdrawal is decided on once');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER withdrawal_guard BEFORE INSERT OR UPDATE ON reconciliation_signoffwithdrawal
  FOR EACH ROW EXECUTE FUNCTION reconciliation_withdrawal_guard();

-- Carried rows come with the signature, in its transaction, and stay.
CREATE FUNCTION reconciliation_carried_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM (SELECT DISTINCT n.sign_off_id FROM new_rows n) n
      JOIN reconciliation_signoff s ON s.id = n.sign_off_id
      WHERE s.state <> 'prepared') THEN
    PERFORM reconciliation_refuse('FM123', 'carried rows come with their signature');
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER carried_guard AFTER INSERT ON reconciliation_carrieditem
  REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION reconciliation_carried_guard();

CREATE FUNCTION reconciliation_sign_off_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM reconciliation_refuse('FM123', 'sign-offs are kept as they are');
  RETURN NULL;
END $$;
CREATE TRIGGER sign_off_keep BEFORE DELETE OR TRUNCATE ON reconciliation_signoff
  FOR EACH STATEMENT EXECUTE FUNCTION reconciliation_sign_off_keep();
CREATE TRIGGER carried_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON reconciliation_carrieditem
  FOR EACH STATEMENT EXECUTE FUNCTION reconciliation_sign_off_keep();
CREATE TRIGGER withdrawal_keep BEFORE DELETE OR TRUNCATE ON reconciliation_signoffwithdrawal
  FOR EACH STATEMENT EXECUTE FUNCTION reconciliation_sign_off_keep();

CREATE FUNCTION reconciliation_run_is_signed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM reconciliation_signoff s
      WHERE s.run_id = NEW.id AND s.state = 'signed') THEN
    PERFORM reconciliation_refuse('FM124', format('nobody signed run %s', NEW.id));
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER run_is_signed BEFORE UPDATE ON reconciliation_reconciliationrun
  FOR EACH ROW WHEN (NEW.state = 'signed_off' AND OLD.state <> 'signed_off')
  EXECUTE FUNCTION reconciliation_run_is_signed();

-- Which of some runs are signed off and were not withdrawn. Locks them: who signs a run waits
-- for whoever changes its results, and the other way round.
CREATE FUNCTION reconciliation_signed_runs(runs bigint[]) RETURNS SETOF bigint
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM reconciliation_reconciliationrun r WHERE r.id = ANY(runs)
    AND r.state IN ('review', 'signed_off') ORDER BY r.id FOR SHARE;
  RETURN QUERY SELECT r.id FROM reconciliation_reconciliationrun r
    WHERE r.id = ANY(runs) AND r.state = 'signed_off' AND NOT EXISTS (
      SELECT 1 FROM reconciliation_signoffwithdrawal w
      JOIN reconciliation_signoff s ON s.id = w.sign_off_id
      WHERE s.run_id = r.id AND w.state = 'confirmed');
END $$;

-- What is open goes on to the next run; what a signed-off run matched stays, and nothing is
-- matched in it any more.
CREATE OR REPLACE FUNCTION reconciliation_item_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE signed bigint[];
BEGIN
  signed := ARRAY(SELECT reconciliation_signed_runs(
    ARRAY(SELECT DISTINCT o.run_id FROM old_rows o)));
  IF signed <> '{}' AND EXISTS (SELECT 1 FROM old_rows o WHERE o.run_id = ANY(signed)
      AND o.bucket IN ('exact', 'date', 'group', 'tolerance', 'textref', 'reversal',
        'manual')) THEN
    PERFORM reconciliation_refuse('FM122', 'what was matched and signed off stays');
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION reconciliation_item_change_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT reconciliation_signed_runs(
      ARRAY(SELECT DISTINCT n.run_id FROM new_rows n))) THEN
    PERFORM reconciliation_refuse('FM122', 'nothing is changed in a signed-off run');
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER item_change_guard AFTER UPDATE ON reconciliation_matcheditem
  REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION reconciliation_item_change_guard();
