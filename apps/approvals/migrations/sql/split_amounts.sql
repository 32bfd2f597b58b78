-- Approvals: what one person submits for one counterparty on one day counts together.
--
-- FM059      a part counted as if the others were not there

-- Which steps a request has to pass, and how far limits have to reach, follows from this.
CREATE OR REPLACE FUNCTION approvals_weight(request approvals_approvalrequest) RETURNS numeric
LANGUAGE sql IMMUTABLE AS $$ SELECT abs(request.amount) + request.amount_beside $$;

-- The service takes an advisory lock for each maker, counterparty and day, so that no other part
-- appears between its sum and this check.
CREATE FUNCTION approvals_part_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.amount_beside < (SELECT coalesce(sum(abs(r.amount)), 0) FROM approvals_approvalrequest r
      WHERE r.maker_id = NEW.maker_id AND r.submitted_on = NEW.submitted_on
        AND r.currency_id = NEW.currency_id AND r.counterparties && NEW.counterparties
        AND (r.subject_kind, r.subject_id) <> (NEW.subject_kind, NEW.subject_id)
        AND r.state IN ('open', 'approved')
        AND NOT EXISTS (SELECT 1 FROM approvals_approvaldecision d
          WHERE d.request_id = r.id AND d.kind = 'unapprove')) THEN
    PERFORM approvals_refuse('FM059', 'the parts of one day count together');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER request_part BEFORE INSERT ON approvals_approvalrequest
  FOR EACH ROW WHEN (cardinality(NEW.counterparties) > 0)
  EXECUTE FUNCTION approvals_part_guard();

-- As before, with the weight in place of the amount.
CREATE OR REPLACE FUNCTION approvals_check_way(
  decision approvals_approvaldecision, request approvals_approvalrequest) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE task approvals_approvaltask;
BEGIN
  IF decision.actor_id = request.maker_id OR request.maker_id = ANY (decision.way) THEN
    PERFORM approvals_refuse('FM052', 'the maker never decides');
  END IF;
  SELECT * INTO task FROM approvals_approvaltask WHERE id = decision.task_id;
  IF task.request_id IS DISTINCT FROM decision.request_id
      OR decision.way[1] IS DISTINCT FROM task.person_id
      OR decision.way[cardinality(decision.way)] IS DISTINCT FROM decision.actor_id
      OR cardinality(decision.way) > 4 THEN
    PERFORM approvals_refuse('FM053', 'a decision leads from who was asked to who decides');
  END IF;
  IF decision.kind = 'approve' AND EXISTS (SELECT 1 FROM approvals_approvaltask t
      LEFT JOIN approvals_approvaldecision d ON d.task_id = t.id AND d.kind = 'approve'
      WHERE t.request_id = decision.request_id AND t.step_id = task.step_id AND t.id <> task.id
        AND t.state = 'approved' AND decision.actor_id IN (t.person_id, d.actor_id)) THEN
    PERFORM approvals_refuse('FM055', 'one person is one approval of a step');
  END IF;
  IF NOT approvals_way_is_open(decision.way, request.organization_id, approvals_weight(request),
      decision.decided_on) THEN
    PERFORM approvals_refuse('FM057', 'no delegation in force leads there');
  END IF;
  IF decision.kind = 'approve' AND decision."limit" < approvals_weight(request) THEN
    PERFORM approvals_refuse('FM056', 'the amount is above the limit');
  END IF;
END $$;
