-- Many answers by one press: what PostgreSQL keeps, whoever writes.
--
-- pending -> undone, or pending -> running -> done. An item is answered once, and only while
-- its batch is running: so an undone batch decides nothing, and a running one is not undone.

CREATE FUNCTION approvals_batch_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE free text[] := '{state,lease_until}';
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'pending' THEN
      PERFORM approvals_refuse('FM051', 'decisions at once begin as pending');
    END IF;
    RETURN NEW;
  END IF;
  IF (to_jsonb(NEW) - free) IS DISTINCT FROM (to_jsonb(OLD) - free) THEN
    PERFORM approvals_refuse('FM050', 'what a press was begun with never changes');
  END IF;
  IF (OLD.state, NEW.state) NOT IN (('pending', 'undone'), ('pending', 'running'),
      ('running', 'running'), ('running', 'done')) THEN
    PERFORM approvals_refuse('FM051', format('no step leads from %s to %s', OLD.state, NEW.state));
  END IF;
  IF NEW.state = 'done' AND EXISTS (
      SELECT 1 FROM approvals_batchitem WHERE batch_id = NEW.id AND outcome = 'waiting') THEN
    PERFORM approvals_refuse('FM054', 'done before every task was answered');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER batch_guard BEFORE INSERT OR UPDATE ON approvals_decisionbatch
  FOR EACH ROW EXECUTE FUNCTION approvals_batch_guard();

CREATE FUNCTION approvals_batch_item_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE batch approvals_decisionbatch;
BEGIN
  SELECT * INTO batch FROM approvals_decisionbatch WHERE id = NEW.batch_id FOR SHARE;
  IF TG_OP = 'INSERT' THEN
    IF batch.state <> 'pending' OR NEW.outcome NOT IN ('waiting', 'left_out') THEN
      PERFORM approvals_refuse('FM051', 'a task joins a press before it is carried out');
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM approvals_approvaltask t
        JOIN approvals_approvalrequest r ON r.id = t.request_id
        WHERE t.id = NEW.task_id AND approvals_is_of(batch.person_id, r.organization_id)) THEN
      PERFORM approvals_refuse('FM053', 'who decides is of the organization of the request');
    END IF;
    RETURN NEW;
  END IF;
  IF (NEW.id, NEW.batch_id, NEW.task_id) IS DISTINCT FROM (OLD.id, OLD.batch_id, OLD.task_id) THEN
    PERFORM approvals_refuse('FM050', 'a task stays with its press');
  END IF;
  IF batch.state <> 'running' OR OLD.outcome <> 'waiting'
      OR NEW.outcome NOT IN ('done', 'refused') THEN
    PERFORM approvals_refuse('FM051', 'a task of a press is answered once, while it is carried out');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER batch_item_guard BEFORE INSERT OR UPDATE ON approvals_batchitem
  FOR EACH ROW EXECUTE FUNCTION approvals_batch_item_guard();

CREATE TRIGGER batch_keep BEFORE DELETE OR TRUNCATE ON approvals_decisionbatch
  FOR EACH STATEMENT EXECUTE FUNCTION approvals_keep();
CREATE TRIGGER batch_item_keep BEFORE DELETE OR TRUNCATE ON approvals_batchitem
  FOR EACH STATEMENT EXECUTE FUNCTION approvals_keep();
