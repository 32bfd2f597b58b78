-- Approvals: what PostgreSQL keeps, whoever writes.
--
-- SQLSTATE   meaning
-- FM050      something fixed would change, or a row be deleted
-- FM051      a step that does not exist: of a flow, a request or a task
-- FM052      the maker would decide, or stand between who was asked and who decides
-- FM053      rows of different organizations, flows or requests
-- FM054      approved without the decisions that it takes
-- FM055      one person would approve twice in a step, once for somebody else
--
-- A second decision on a task is refused by the unique index task_is_decided_once.

CREATE FUNCTION approvals_refuse(code text, message text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '%', message USING ERRCODE = code;
END $$;

CREATE FUNCTION approvals_is_of(person bigint, organization bigint) RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT 1 FROM organizations_user
    WHERE id = person AND organization_id = organization)
$$;

CREATE FUNCTION approvals_flow_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE free text[] := '{state,version,updated_at,updated_by_id}';
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'draft' THEN
      PERFORM approvals_refuse('FM051', 'a flow is born as a draft');
    END IF;
    IF EXISTS (SELECT 1 FROM ledgers_ledger l WHERE l.id = NEW.ledger_id
          AND l.organization_id <> NEW.organization_id)
        OR EXISTS (SELECT 1 FROM organizations_department d WHERE d.id = NEW.department_id
          AND d.organization_id <> NEW.organization_id) THEN
      PERFORM approvals_refuse('FM053', 'a flow and its ledger and department are of one organization');
    END IF;
    RETURN NEW;
  END IF;
  IF (to_jsonb(NEW) - free) IS DISTINCT FROM (to_jsonb(OLD) - free) THEN
    PERFORM approvals_refuse('FM050', 'a flow never changes: write another version');
  END IF;
  IF (OLD.state, NEW.state) NOT IN (('draft', 'active'), ('active', 'retired')) THEN
    PERFORM approvals_refuse('FM051', format('no step leads from %s to %s', OLD.state, NEW.state));
  END IF;
  IF NEW.state = 'active' AND NOT EXISTS (
      SELECT 1 FROM approvals_flowstep WHERE flow_id = NEW.id) THEN
    PERFORM approvals_refuse('FM054', 'a flow without a step would approve by itself');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER flow_guard BEFORE INSERT OR UPDATE ON approvals_approvalflow
  FOR EACH ROW EXECUTE FUNCTION approvals_flow_guard();

-- The lock lets no flow become active while a step is written.
CREATE FUNCTION approvals_step_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE flow approvals_approvalflow;
BEGIN
  SELECT * INTO flow FROM approvals_approvalflow WHERE id = NEW.flow_id FOR SHARE;
  IF flow.state <> 'draft' THEN
    PERFORM approvals_refuse('FM050', 'the steps of an active flow never change');
  END IF;
  IF NEW.person_id IS NOT NULL AND NOT approvals_is_of(NEW.person_id, flow.organization_id) THEN
    PERFORM approvals_refuse('FM053', 'a step asks people of its own organization');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER step_guard BEFORE INSERT ON approvals_flowstep
  FOR EACH ROW EXECUTE FUNCTION approvals_step_guard();

CREATE FUNCTION approvals_request_birth() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.state <> 'open' THEN
    PERFORM approvals_refuse('FM051', 'a request is born open');
  END IF;
  IF NOT EXISTS (SELECT 1 FROM approvals_approvalflow f WHERE f.id = NEW.flow_id
      AND f.organization_id = NEW.organization_id AND f.subject_kind = NEW.subject_kind
      AND f.state = 'active') OR NOT approvals_is_of(NEW.maker_id, NEW.organization_id) THEN
    PERFORM approvals_refuse('FM053', 'a request follows an active flow of its organization');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER request_birth BEFORE INSERT ON approvals_approvalrequest
  FOR EACH ROW EXECUTE FUNCTION approvals_request_birth();

-- Every step that was asked has as many approvals as its rule takes.
CREATE FUNCTION approvals_suffice(request bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT coalesce(bool_and(approved >= CASE rule
      WHEN 'all' THEN asked WHEN 'n_of_m' THEN needed ELSE 1 END), false)
  FROM (SELECT s.rule, s.needed, count(*) AS asked,
      count(*) FILTER (WHERE t.state = 'approved') AS approved
    FROM approvals_approvaltask t JOIN approvals_flowstep s ON s.id = t.step_id
    WHERE t.request_id = request GROUP BY s.id) steps
$$;

CREATE FUNCTION approvals_request_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE free text[] := '{state,closed_at,version,updated_at,updated_by_id}';
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
  RETURN NEW;
END $$;
CREATE TRIGGER request_guard BEFORE UPDATE ON approvals_approvalrequest
  FOR EACH ROW EXECUTE FUNCTION approvals_request_guard();

CREATE FUNCTION approvals_task_birth() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE request approvals_approvalrequest;
BEGIN
  SELECT * INTO request FROM approvals_approvalrequest WHERE id = NEW.request_id FOR SHARE;
  IF NEW.person_id = request.maker_id THEN
    PERFORM approvals_refuse('FM052', 'the maker is never asked');
  END IF;
  IF request.state <> 'open' OR NEW.state NOT IN ('planned', 'open') THEN
    PERFORM approvals_refuse('FM051', 'a task is born undecided, in an open request');
  END IF;
  IF NOT EXISTS (SELECT 1 FROM approvals_flowstep s
        WHERE s.id = NEW.step_id AND s.flow_id = request.flow_id)
      OR NOT approvals_is_of(NEW.person_id, request.organization_id) THEN
    PERFORM approvals_refuse('FM053', 'a task is of a step of the flow, for one of its people');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER task_birth BEFORE INSERT ON approvals_approvaltask
  FOR EACH ROW EXECUTE FUNCTION approvals_task_birth();

CREATE FUNCTION approvals_task_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.id, NEW.request_id, NEW.step_id, NEW.person_id)
      IS DISTINCT FROM (OLD.id, OLD.request_id, OLD.step_id, OLD.person_id) THEN
    PERFORM approvals_refuse('FM050', 'a task stays with its person and step');
  END IF;
  IF (OLD.state, NEW.state) NOT IN (('planned', 'open'), ('planned', 'closed'),
      ('planned', 'approved'), ('open', 'approved'), ('open', 'rejected'), ('open', 'closed')) THEN
    PERFORM approvals_refuse('FM051', format('no step leads from %s to %s', OLD.state, NEW.state));
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER task_guard BEFORE UPDATE ON approvals_approvaltask
  FOR EACH ROW EXECUTE FUNCTION approvals_task_guard();

-- At commit: a verdict of a task is somebody's decision, here or, where the step says that the
-- same person need not be asked again, in another step of the request.
CREATE FUNCTION approvals_task_is_decided() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (
      SELECT 1 FROM approvals_approvaldecision d JOIN approvals_approvaltask t ON t.id = d.task_id
      WHERE t.request_id = NEW.request_id AND (
        t.id = NEW.id AND d.kind = CASE NEW.state WHEN 'approved' THEN 'approve' ELSE 'reject' END
        OR NEW.state = 'approved' AND d.kind = 'approve' AND d.actor_id = NEW.person_id
          AND (SELECT skip FROM approvals_flowstep WHERE id = NEW.step_id) = 'same_person')) THEN
    PERFORM approvals_refuse('FM054', 'nobody decided this task');
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER task_is_decided AFTER UPDATE ON approvals_approvaltask
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (NEW.state IN ('approved', 'rejected'))
  EXECUTE FUNCTION approvals_task_is_decided();

CREATE FUNCTION approvals_decision_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE request approvals_approvalrequest; task approvals_approvaltask;
BEGIN
  SELECT * INTO request FROM approvals_approvalrequest WHERE id = NEW.request_id;
  IF request.state <> 'open' THEN
    PERFORM approvals_refuse('FM051', 'the request is closed');
  END IF;
  IF NOT approvals_is_of(NEW.actor_id, request.organization_id) THEN
    PERFORM approvals_refuse('FM053', 'people decide in their own organization');
  END IF;
  IF NEW.kind NOT IN ('approve', 'reject') THEN
    RETURN NEW;
  END IF;
  IF NEW.actor_id = request.maker_id OR request.maker_id = ANY (NEW.way) THEN
    PERFORM approvals_refuse('FM052', 'the maker never decides');
  END IF;
  SELECT * INTO task FROM approvals_approvaltask WHERE id = NEW.task_id;
  IF task.request_id <> NEW.request_id OR NEW.way[1] IS DISTINCT FROM task.person_id
      OR NEW.way[cardinality(NEW.way)] IS DISTINCT FROM NEW.actor_id
      OR cardinality(NEW.way) > 4 THEN
    PERFORM approvals_refuse('FM053', 'a decision leads from who was asked to who decides');
  END IF;
  IF NEW.kind = 'approve' AND EXISTS (SELECT 1 FROM approvals_approvaltask t
      LEFT JOIN approvals_approvaldecision d ON d.task_id = t.id AND d.kind = 'approve'
      WHERE t.request_id = NEW.request_id AND t.step_id = task.step_id AND t.id <> task.id
        AND t.state = 'approved' AND NEW.actor_id IN (t.person_id, d.actor_id)) THEN
    PERFORM approvals_refuse('FM055', 'one person is one approval of a step');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER decision_guard BEFORE INSERT ON approvals_approvaldecision
  FOR EACH ROW EXECUTE FUNCTION approvals_decision_guard();

CREATE FUNCTION approvals_delegation_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE free text[] := '{revoked_at,version,updated_at,updated_by_id}';
BEGIN
  IF TG_OP = 'UPDATE' AND (OLD.revoked_at IS NOT NULL
      OR (to_jsonb(NEW) - free) IS DISTINCT FROM (to_jsonb(OLD) - free)) THEN
    PERFORM approvals_refuse('FM050', 'a delegation is revoked once, and never changes');
  END IF;
  IF NOT (approvals_is_of(NEW.giver_id, NEW.organization_id)
      AND approvals_is_of(NEW.taker_id, NEW.organization_id)) THEN
    PERFORM approvals_refuse('FM053', 'people delegate within their organization');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER delegation_guard BEFORE INSERT OR UPDATE ON approvals_delegation
  FOR EACH ROW EXECUTE FUNCTION approvals_delegation_guard();

CREATE FUNCTION approvals_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM approvals_refuse('FM050', 'nothing of an approval is ever deleted');
  RETURN NULL;
END $$;
CREATE TRIGGER flow_keep BEFORE DELETE OR TRUNCATE ON approvals_approvalflow
  FOR EACH STATEMENT EXECUTE FUNCTION approvals_keep();
CREATE TRIGGER request_keep BEFORE DELETE OR TRUNCATE ON approvals_approvalrequest
  FOR EACH STATEMENT EXECUTE FUNCTION approvals_keep();
CREATE TRIGGER task_keep BEFORE DELETE OR TRUNCATE ON approvals_approvaltask
  FOR EACH STATEMENT EXECUTE FUNCTION approvals_keep();
CREATE TRIGGER delegation_keep BEFORE DELETE OR TRUNCATE ON approvals_delegation
  FOR EACH STATEMENT EXECUTE FUNCTION approvals_keep();
