-- Approvals: a person asked hands a single task over to a colleague, who takes the same seat.
-- Replaces functions of approval_rounds.sql; its SQLSTATEs hold.

-- People are asked at submission; afterwards only escalation adds somebody of those whom the
-- step names, or a person asked hands over, in both cases for a task that is still open.
CREATE OR REPLACE FUNCTION approvals_task_birth() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE request approvals_approvalrequest; step approvals_flowstep;
BEGIN
  SELECT * INTO request FROM approvals_approvalrequest WHERE id = NEW.request_id FOR SHARE;
  SELECT * INTO step FROM approvals_flowstep
    WHERE id = NEW.step_id AND flow_id = request.flow_id;
  IF NEW.person_id = request.maker_id THEN
    PERFORM approvals_refuse('FM052', 'the maker is never asked');
  END IF;
  IF request.state <> 'open' OR NEW.state NOT IN ('planned', 'open') THEN
    PERFORM approvals_refuse('FM051', 'a task is born undecided, in an open request');
  END IF;
  IF step.id IS NULL OR NOT approvals_is_of(NEW.person_id, request.organization_id) THEN
    PERFORM approvals_refuse('FM053', 'a task is of a step of the flow, for one of its people');
  END IF;
  IF NEW.escalated_for_id IS NULL THEN
    IF NEW.handed_over_by_id IS NOT NULL OR EXISTS (SELECT 1 FROM approvals_approvaldecision d
        WHERE d.request_id = NEW.request_id AND d.kind = 'submit') THEN
      PERFORM approvals_refuse('FM051', 'people are asked at submission');
    END IF;
    RETURN NEW;
  END IF;
  IF NOT EXISTS (SELECT 1 FROM approvals_approvaltask t WHERE t.id = NEW.escalated_for_id
      AND t.request_id = NEW.request_id AND t.step_id = NEW.step_id AND t.state = 'open'
      AND t.escalated_for_id IS NULL) THEN
    PERFORM approvals_refuse('FM051', 'an open task of the same step is escalated, once');
  END IF;
  IF NEW.handed_over_by_id IS NULL AND step.escalate_to_id IS DISTINCT FROM NEW.person_id
      AND NOT EXISTS (SELECT 1 FROM organizations_roleassignment a
        WHERE a.user_id = NEW.person_id AND a.role = step.escalate_role
          AND a.revoked_at IS NULL) THEN
    PERFORM approvals_refuse('FM053', 'a task is escalated to whom the step names');
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION approvals_hand_over_is_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM approvals_refuse('FM050', 'who handed a task over stays the same');
  RETURN NULL;
END $$;
CREATE TRIGGER task_handed_over BEFORE UPDATE OF handed_over_by_id ON approvals_approvaltask
  FOR EACH ROW WHEN (NEW.handed_over_by_id IS DISTINCT FROM OLD.handed_over_by_id)
  EXECUTE FUNCTION approvals_hand_over_is_fixed();

-- At commit: who was added later is written down as that, and who handed over is asked no more.
CREATE OR REPLACE FUNCTION approvals_task_is_escalated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.handed_over_by_id IS NULL AND NOT EXISTS (SELECT 1 FROM approvals_approvaldecision d
      WHERE d.task_id = NEW.id AND d.kind = 'escalate') THEN
    PERFORM approvals_refuse('FM054', 'nothing says why this person was added');
  END IF;
  IF NEW.handed_over_by_id IS NOT NULL AND NOT (
      EXISTS (SELECT 1 FROM approvals_approvaldecision d WHERE d.task_id = NEW.id
        AND d.kind = 'delegate' AND d.actor_id = NEW.handed_over_by_id)
      AND EXISTS (SELECT 1 FROM approvals_approvaltask t
        WHERE t.id = NEW.escalated_for_id AND t.state = 'closed')) THEN
    PERFORM approvals_refuse('FM054', 'nobody handed this task over');
  END IF;
  RETURN NULL;
END $$;

-- Who hands over is the person asked, or stands in for that person.
CREATE FUNCTION approvals_delegate_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE request approvals_approvalrequest; asked bigint;
BEGIN
  SELECT * INTO request FROM approvals_approvalrequest WHERE id = NEW.request_id;
  SELECT seat.person_id INTO asked
  FROM approvals_approvaltask added JOIN approvals_approvaltask seat
    ON seat.id = added.escalated_for_id
  WHERE added.id = NEW.task_id AND added.request_id = NEW.request_id
    AND added.handed_over_by_id = NEW.actor_id;
  IF NEW.actor_id = request.maker_id OR request.maker_id = ANY (NEW.way) THEN
    PERFORM approvals_refuse('FM052', 'the maker never decides');
  END IF;
  IF asked IS NULL OR NEW.way[1] IS DISTINCT FROM asked
      OR NEW.way[cardinality(NEW.way)] IS DISTINCT FROM NEW.actor_id
      OR cardinality(NEW.way) > 4 THEN
    PERFORM approvals_refuse('FM053', 'a task is handed over by the person asked');
  END IF;
  IF NOT approvals_way_is_open(NEW.way, request.organization_id, approvals_weight(request),
      NEW.decided_on) THEN
    PERFORM approvals_refuse('FM057', 'no delegation in force leads there');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER decision_hands_over BEFORE INSERT ON approvals_approvaldecision
  FOR EACH ROW WHEN (NEW.kind = 'delegate') EXECUTE FUNCTION approvals_delegate_guard();
