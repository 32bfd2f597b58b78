-- Approvals: an approved round approves the content that it was about, and nothing that was
-- submitted later; and who is written down as checker approved in it.
-- Replaces the guard of approved_subjects.sql; FM058 holds.

CREATE OR REPLACE FUNCTION approvals_entry_is_approved_by_its_round() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
  kinds text[] := '{journal_entry,reversal,write_off,transfer}';
  last approvals_approvalrequest;
  last_id bigint;
BEGIN
  -- Not by ORDER BY and LIMIT, for which the planner may walk through everybody's rounds.
  SELECT max(r.id) INTO last_id FROM approvals_approvalrequest r
  WHERE r.subject_kind = ANY (kinds) AND r.subject_id = NEW.id;
  IF last_id IS NULL THEN
    RETURN NEW;
  END IF;
  SELECT * INTO last FROM approvals_approvalrequest WHERE id = last_id;
  IF last.state <> 'approved' THEN
    PERFORM approvals_refuse('FM058', format('the round of the entry is %s', last.state));
  END IF;
  IF (last.content_hash, last.maker_id) IS DISTINCT FROM (NEW.content_hash, NEW.maker_id) THEN
    PERFORM approvals_refuse('FM058', 'the round approved another content');
  END IF;
  IF NOT EXISTS (SELECT 1 FROM approvals_approvaldecision d WHERE d.request_id = last.id
      AND d.kind = 'approve' AND d.actor_id = NEW.checker_id) THEN
    PERFORM approvals_refuse('FM058', 'the checker approved nothing in the round');
  END IF;
  RETURN NEW;
END $$;
