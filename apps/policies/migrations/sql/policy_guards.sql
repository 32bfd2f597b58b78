-- Finance policies: what PostgreSQL keeps, whoever writes.
--
-- SQLSTATE   meaning
-- FM041      a version would take a step that does not exist
-- FM042      something fixed would change, or a version be deleted
-- FM043      people and organization do not belong together

-- No overlap; a range of one organization stands in for equality, so that no extension is
-- needed.
ALTER TABLE policies_financepolicy ADD CONSTRAINT policies_do_not_overlap
  EXCLUDE USING gist (
    int8range(organization_id, organization_id, '[]') WITH &&,
    daterange(effective_from, effective_to, '[]') WITH &&) WHERE (state = 'confirmed');

CREATE FUNCTION policies_refuse(code text, message text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '%', message USING ERRCODE = code;
END $$;

CREATE FUNCTION policies_insert_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.state <> 'proposed' THEN
    PERFORM policies_refuse('FM041', 'a policy is born as a proposal');
  END IF;
  IF NOT EXISTS (SELECT 1 FROM organizations_user u WHERE u.id = NEW.proposed_by_id
      AND u.organization_id = NEW.organization_id) THEN
    PERFORM policies_refuse('FM043', 'people propose for their own organization');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER policy_insert_guard BEFORE INSERT ON policies_financepolicy
  FOR EACH ROW EXECUTE FUNCTION policies_insert_guard();

-- What may change: the state with its decision, and the last day once, by the successor.
CREATE FUNCTION policies_update_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE free text[] := '{state,decided_by_id,decided_at,decision_reason,effective_to,version,updated_at,updated_by_id}';
BEGIN
  IF (to_jsonb(NEW) - free) IS DISTINCT FROM (to_jsonb(OLD) - free) THEN
    PERFORM policies_refuse('FM042', 'what a policy decides never changes: propose another');
  END IF;
  IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (
      ('proposed', 'confirmed'), ('proposed', 'rejected'), ('confirmed', 'superseded')) THEN
    PERFORM policies_refuse('FM041', format('no step leads from %s to %s', OLD.state, NEW.state));
  END IF;
  IF OLD.state <> 'proposed' AND (NEW.decided_by_id, NEW.decided_at, NEW.decision_reason)
      IS DISTINCT FROM (OLD.decided_by_id, OLD.decided_at, OLD.decision_reason) THEN
    PERFORM policies_refuse('FM042', 'a decision never changes');
  END IF;
  IF NEW.effective_to IS DISTINCT FROM OLD.effective_to AND NOT (
      OLD.state IN ('proposed', 'confirmed') AND NEW.state = 'confirmed'
      AND NEW.effective_to IS NOT NULL
      AND (OLD.effective_to IS NULL OR NEW.effective_to < OLD.effective_to)) THEN
    PERFORM policies_refuse('FM042', 'the last day is set by the next policy alone');
  END IF;
  IF NEW.decided_by_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM organizations_user u
      WHERE u.id = NEW.decided_by_id AND u.organization_id = NEW.organization_id) THEN
    PERFORM policies_refuse('FM043', 'people decide for their own organization');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER policy_update_guard BEFORE UPDATE ON policies_financepolicy
  FOR EACH ROW EXECUTE FUNCTION policies_update_guard();

CREATE FUNCTION policies_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM policies_refuse('FM042', 'policies are never deleted');
  RETURN NULL;
END $$;
CREATE TRIGGER policy_delete_guard BEFORE DELETE ON policies_financepolicy
  FOR EACH ROW EXECUTE FUNCTION policies_keep();
CREATE TRIGGER policy_no_truncate BEFORE TRUNCATE ON policies_financepolicy
  EXECUTE FUNCTION policies_keep();

-- Every process listens: it forgets what it keeps and reads again. A proposal is no news.
CREATE FUNCTION policies_tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('finance_policies', '');
  RETURN NULL;
END $$;
CREATE TRIGGER policy_tell AFTER UPDATE ON policies_financepolicy
  FOR EACH STATEMENT EXECUTE FUNCTION policies_tell();
