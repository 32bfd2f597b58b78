-- Approvals: an approval that is taken back is written down, and the round is undone by it.
-- Replaces the guard of approval_rounds.sql; the new part is the step from approved to undone.

CREATE OR REPLACE FUNCTION approvals_request_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  free text[] := '{state,closed_at,asked_at,version,updated_at,updated_by_id}';
  ended text := CASE NEW.state WHEN 'rejected' THEN 'reject' WHEN 'returned' THEN 'return'
    WHEN 'withdrawn' THEN 'withdraw' WHEN 'void' THEN 'void' WHEN 'undone' THEN 'unapprove' END;
BEGIN
  IF (to_jsonb(NEW) - free) IS DISTINCT FROM (to_jsonb(OLD) - free) THEN
    PERFORM approvals_refuse('FM050', 'what a request was opened with never changes');
  END IF;
  IF OLD.state <> 'open' AND ((OLD.state, NEW.state) <> ('approved', 'undone')
      OR (NEW.closed_at, NEW.asked_at) IS DISTINCT FROM (OLD.closed_at, OLD.asked_at)) THEN
    PERFORM approvals_refuse('FM051', 'a request that was closed stays closed');
  END IF;
  IF OLD.state = 'open' AND NEW.state = 'undone' THEN
    PERFORM approvals_refuse('FM051', 'what was never approved cannot be undone');
  END IF;
  IF NEW.state = 'approved' AND NOT approvals_suffice(NEW.id) THEN
    PERFORM approvals_refuse('FM054', 'a step lacks approvals');
  END IF;
  IF ended IS NOT NULL AND NOT EXISTS (SELECT 1 FROM approvals_approvaldecision d
      WHERE d.request_id = NEW.id AND d.kind = ended) THEN
    PERFORM approvals_refuse('FM054', format('nobody decided to %s', ended));
  END IF;
  IF NEW.asked_at IS DISTINCT FROM OLD.asked_at AND (NEW.asked_at IS NOT NULL) <> coalesce(
      (SELECT d.kind = 'ask' FROM approvals_approvaldecision d
        WHERE d.request_id = NEW.id AND d.kind IN ('ask', 'answer')
        ORDER BY d.id DESC LIMIT 1), false) THEN
    PERFORM approvals_refuse('FM054', 'a request waits for an answer when it was asked for one');
  END IF;
  RETURN NEW;
END $$;

-- At commit: who takes an approval back leaves no request that counts as approved.
CREATE FUNCTION approvals_is_undone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM approvals_approvalrequest r
      WHERE r.id = NEW.request_id AND r.state = 'undone') THEN
    PERFORM approvals_refuse('FM054', 'an approval was taken back, and the request still counts');
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER request_is_undone AFTER INSERT ON approvals_approvaldecision
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.kind = 'unapprove')
  EXECUTE FUNCTION approvals_is_undone();
