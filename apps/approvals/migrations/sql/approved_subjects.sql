-- Approvals: an entry that was submitted into a round is approved by this round and by nothing
-- else, whoever writes.
--
-- FM058      approved around its round

-- The kinds of subjects that are journal entries.
CREATE FUNCTION approvals_entry_is_approved_by_its_round() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  kinds text[] := '{journal_entry,reversal,write_off,transfer}';
  last_state text;
BEGIN
  -- Not by ORDER BY and LIMIT, for which the planner may walk through everybody's rounds.
  SELECT (array_agg(r.state ORDER BY r.id DESC))[1] INTO last_state
  FROM approvals_approvalrequest r
  WHERE r.subject_kind = ANY (kinds) AND r.subject_id = NEW.id;
  IF last_state <> 'approved' THEN
    PERFORM approvals_refuse('FM058', format('the round of the entry is %s', last_state));
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER entry_approved_by_round BEFORE UPDATE OF state ON ledgers_journalentry
  FOR EACH ROW WHEN (OLD.state = 'submitted' AND NEW.state = 'approved')
  EXECUTE FUNCTION approvals_entry_is_approved_by_its_round();
