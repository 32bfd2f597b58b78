-- Approvals: rounds with questions, returns, escalations and approvals that are taken back.
-- Replaces functions of approval_guards.sql; its SQLSTATEs hold, and these are new:
--
-- FM056      an approval above the limit of whoever gives it
-- FM057      a way that no delegations in force lead along

-- Which steps a request has to pass follows from this amount.
CREATE FUNCTION approvals_weight(request approvals_approvalrequest) RETURNS numeric
LANGUAGE sql IMMUTABLE AS $$ SELECT abs(request.amount) $$;

-- Every step that the amount meets, and every other one that was asked, has as many approvals
-- as its rule takes. A seat is a person asked at submission: it is filled by the own task or by
-- the one added for it by escalation. Nobody asked is never enough.
CREATE OR REPLACE FUNCTION approvals_suffice(request bigint) RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT coalesce(bool_and(approved >= greatest(1, CASE rule
      WHEN 'all' THEN seats WHEN 'n_of_m' THEN needed ELSE 1 END)), false)
  FROM (
    SELECT s.rule, s.needed, count(DISTINCT coalesce(t.escalated_for_id, t.id)) AS seats,
      count(DISTINCT coalesce(t.escalated_for_id, t.id))
        FILTER (WHERE t.state = 'approved') AS approved
    FROM approvals_approvalrequest r
    JOIN approvals_flowstep s ON s.flow_id = r.flow_id
    LEFT JOIN approvals_approvaltask t ON t.request_id = r.id AND t.step_id = s.id
    WHERE r.id = request AND (t.id IS NOT NULL
      OR (s.above IS NULL OR approvals_weight(r) > s.above)
        AND (s.up_to IS NULL OR approvals_weight(r) <= s.up_to))
    GROUP BY s.id) steps
$$;

-- A round ends as somebody said, and waits for an answer as long as a question is open.
CREATE OR REPLACE FUNCTION approvals_request_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  free text[] := '{state,closed_at,asked_at,version,updated_at,updated_by_id}';
  ended text := CASE NEW.state WHEN 'rejected' THEN 'reject' WHEN 'returned' THEN 'return'
    WHEN 'withdrawn' THEN 'withdraw' WHEN 'void' THEN 'void' END;
BEGIN
  IF (to_jsonb(NEW) - free) IS DISTINCT FROM (to_jsonb(OLD) - free) THEN
    PERFORM approvals_refuse('FM050', 'what a request was opened with never changes');
  END IF;
  IF OLD.state <> 'open' THEN
    PERFORM approvals_refuse('FM051', 'a request that was closed stays closed');
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

-- People are asked at submission; afterwards only escalation adds somebody, for a task that is
-- still open, and of those whom the step names.
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
    IF EXISTS (SELECT 1 FROM approvals_approvaldecision d
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
  IF step.escalate_to_id IS DISTINCT FROM NEW.person_id AND NOT EXISTS (
      SELECT 1 FROM organizations_roleassignment a WHERE a.user_id = NEW.person_id
        AND a.role = step.escalate_role AND a.revoked_at IS NULL) THEN
    PERFORM approvals_refuse('FM053', 'a task is escalated to whom the step names');
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION approvals_task_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.id, NEW.request_id, NEW.step_id, NEW.person_id, NEW.escalated_for_id)
      IS DISTINCT FROM
      (OLD.id, OLD.request_id, OLD.step_id, OLD.person_id, OLD.escalated_for_id) THEN
    PERFORM approvals_refuse('FM050', 'a task stays with its person and step');
  END IF;
  IF OLD.state = NEW.state THEN
    -- Only the clocks of a task that waits are moved, by an answer or an escalation.
    IF OLD.state <> 'open' OR NEW.opened_at IS DISTINCT FROM OLD.opened_at THEN
      PERFORM approvals_refuse('FM051', format('no step leads from %s to itself', OLD.state));
    END IF;
    RETURN NEW;
  END IF;
  IF (OLD.state, NEW.state) NOT IN (('planned', 'open'), ('planned', 'closed'),
      ('planned', 'approved'), ('open', 'approved'), ('open', 'rejected'),
      ('open', 'returned'), ('open', 'closed')) THEN
    PERFORM approvals_refuse('FM051', format('no step leads from %s to %s', OLD.state, NEW.state));
  END IF;
  RETURN NEW;
END $$;

-- At commit: a verdict of a task is somebody's decision, here or, where the step says that the
-- same person need not be asked again, in another step of the request.
CREATE OR REPLACE FUNCTION approvals_task_is_decided() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE said text := CASE NEW.state WHEN 'approved' THEN 'approve' WHEN 'rejected' THEN 'reject'
  ELSE 'return' END;
BEGIN
  IF NOT EXISTS (
      SELECT 1 FROM approvals_approvaldecision d JOIN approvals_approvaltask t ON t.id = d.task_id
      WHERE t.request_id = NEW.request_id AND (t.id = NEW.id AND d.kind = said
        OR NEW.state = 'approved' AND d.kind = 'approve' AND d.actor_id = NEW.person_id
          AND (SELECT skip FROM approvals_flowstep WHERE id = NEW.step_id) = 'same_person')) THEN
    PERFORM approvals_refuse('FM054', 'nobody decided this task');
  END IF;
  RETURN NULL;
END $$;
DROP TRIGGER task_is_decided ON approvals_approvaltask;
CREATE CONSTRAINT TRIGGER task_is_decided AFTER UPDATE ON approvals_approvaltask
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (NEW.state IN ('approved', 'rejected', 'returned'))
  EXECUTE FUNCTION approvals_task_is_decided();

-- At commit: who was added by escalation is written down as that.
CREATE FUNCTION approvals_task_is_escalated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM approvals_approvaldecision d
      WHERE d.task_id = NEW.id AND d.kind = 'escalate') THEN
    PERFORM approvals_refuse('FM054', 'nothing says why this person was added');
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER task_is_escalated AFTER INSERT ON approvals_approvaltask
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.escalated_for_id IS NOT NULL)
  EXECUTE FUNCTION approvals_task_is_escalated();

-- Every hop of a way is a delegation of the organization, in force on the day, that covers the
-- amount. The row of each hop is locked, so that none is revoked meanwhile.
CREATE FUNCTION approvals_way_is_open(
  way bigint[], organization bigint, amount numeric, day date) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
  FOR hop IN 1 .. cardinality(way) - 1 LOOP
    PERFORM 1 FROM approvals_delegation d
    WHERE d.giver_id = way[hop] AND d.taker_id = way[hop + 1]
      AND d.organization_id = organization AND d.revoked_at IS NULL
      AND day BETWEEN d.starts_on AND d.ends_on AND (d."limit" IS NULL OR d."limit" >= amount)
    ORDER BY d.id LIMIT 1 FOR SHARE;
    IF NOT FOUND THEN
      RETURN false;
    END IF;
  END LOOP;
  RETURN true;
END $$;

CREATE FUNCTION approvals_check_way(
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
  IF NOT approvals_way_is_open(decision.way, request.organization_id, abs(request.amount),
      decision.decided_on) THEN
    PERFORM approvals_refuse('FM057', 'no delegation in force leads there');
  END IF;
  IF decision.kind = 'approve' AND decision."limit" < abs(request.amount) THEN
    PERFORM approvals_refuse('FM056', 'the amount is above the limit');
  END IF;
END $$;

-- The day is that of the installation's time zone, which PostgreSQL does not know: it is one
-- of the days that the world has at this moment.
CREATE OR REPLACE FUNCTION approvals_decision_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE request approvals_approvalrequest; task approvals_approvaltask;
BEGIN
  SELECT * INTO request FROM approvals_approvalrequest WHERE id = NEW.request_id;
  NEW.decided_on := coalesce(NEW.decided_on, current_date);
  IF NEW.decided_on NOT BETWEEN (now() AT TIME ZONE interval '-12:00')::date
      AND (now() AT TIME ZONE interval '14:00')::date THEN
    PERFORM approvals_refuse('FM051', 'people decide today');
  END IF;
  IF NOT approvals_is_of(NEW.actor_id, request.organization_id) THEN
    PERFORM approvals_refuse('FM053', 'people decide in their own organization');
  END IF;
  IF NEW.kind = 'unapprove' AND request.state = 'approved' THEN
    IF NOT EXISTS (SELECT 1 FROM approvals_approvaldecision d WHERE d.request_id = NEW.request_id
        AND d.kind = 'approve' AND d.actor_id = NEW.actor_id) THEN
      PERFORM approvals_refuse('FM051', 'who approved takes the approval back');
    END IF;
    RETURN NEW;
  END IF;
  IF request.state <> 'open' OR NEW.kind = 'unapprove' THEN
    PERFORM approvals_refuse('FM051', 'the request is closed');
  END IF;
  IF NEW.kind IN ('answer', 'withdraw') AND NEW.actor_id <> request.maker_id THEN
    PERFORM approvals_refuse('FM052', 'only the maker answers and withdraws');
  END IF;
  IF NEW.kind = 'answer' AND request.asked_at IS NULL THEN
    PERFORM approvals_refuse('FM051', 'nothing is asked');
  END IF;
  IF NEW.kind IN ('approve', 'reject', 'return', 'ask') THEN
    PERFORM approvals_check_way(NEW, request);
  END IF;
  IF NEW.kind IN ('ask', 'escalate') AND NOT EXISTS (SELECT 1 FROM approvals_approvaltask t
      WHERE t.id = NEW.task_id AND t.request_id = NEW.request_id AND t.state = 'open'
        AND (NEW.kind = 'ask' OR t.escalated_for_id IS NOT NULL)) THEN
    PERFORM approvals_refuse('FM053', 'who has an open task asks; an added one is escalated');
  END IF;
  RETURN NEW;
END $$;

-- What is said and shown about a request comes from people of its organization.
CREATE FUNCTION approvals_talk_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  row jsonb := to_jsonb(NEW);
  person bigint := coalesce(row ->> 'author_id', row ->> 'uploaded_by_id')::bigint;
  request approvals_approvalrequest;
BEGIN
  SELECT * INTO request FROM approvals_approvalrequest WHERE id = NEW.request_id FOR SHARE;
  IF NOT approvals_is_of(person, request.organization_id) THEN
    PERFORM approvals_refuse('FM053', 'people speak in their own organization');
  END IF;
  IF TG_TABLE_NAME = 'approvals_requestattachment' AND request.state <> 'open' THEN
    PERFORM approvals_refuse('FM051', 'what was decided on stays as it was');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER comment_guard BEFORE INSERT ON approvals_requestcomment
  FOR EACH ROW EXECUTE FUNCTION approvals_talk_guard();
CREATE TRIGGER attachment_guard BEFORE INSERT ON approvals_requestattachment
  FOR EACH ROW EXECUTE FUNCTION approvals_talk_guard();
