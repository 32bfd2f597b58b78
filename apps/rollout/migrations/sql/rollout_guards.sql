-- Rollout of flags: what PostgreSQL keeps, whoever writes.
--
-- SQLSTATE   meaning
-- FM080      something fixed would change, or a row be deleted
-- FM081      a change does not write the next version, or gives no reason
-- FM082      a department of another organization
-- FM083      waffle's own lists of people and groups are used

CREATE FUNCTION rollout_refuse(code text, message text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '%', message USING ERRCODE = code;
END $$;

CREATE FUNCTION rollout_flag_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.id, NEW.organization_id, NEW.name, NEW.created_at)
      IS DISTINCT FROM (OLD.id, OLD.organization_id, OLD.name, OLD.created_at) THEN
    PERFORM rollout_refuse('FM080', 'the name of a flag decides its buckets: it never changes');
  END IF;
  IF NEW.version <> OLD.version + 1 OR btrim(NEW.change_reason) = '' THEN
    PERFORM rollout_refuse('FM081', 'a change of a flag is its next version, with a reason');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER flag_guard BEFORE UPDATE ON rollout_flag
  FOR EACH ROW EXECUTE FUNCTION rollout_flag_guard();

CREATE FUNCTION rollout_override_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND (NEW.flag_id, NEW.department_id) <> (OLD.flag_id, OLD.department_id) THEN
    PERFORM rollout_refuse('FM080', 'an override stays with its department');
  END IF;
  IF NOT EXISTS (SELECT 1 FROM rollout_flag f
      JOIN organizations_department d ON d.organization_id = f.organization_id
      WHERE f.id = NEW.flag_id AND d.id = NEW.department_id) THEN
    PERFORM rollout_refuse('FM082', 'a flag and its departments are of one organization');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER override_guard BEFORE INSERT OR UPDATE ON rollout_flagoverride
  FOR EACH ROW EXECUTE FUNCTION rollout_override_guard();

-- A step is planned, then done or dropped; what it says never changes.
CREATE FUNCTION rollout_step_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state <> 'planned' OR (NEW.flag_id, NEW.percent, NEW.starts_on)
      <> (OLD.flag_id, OLD.percent, OLD.starts_on) THEN
    PERFORM rollout_refuse('FM080', 'a step is taken or dropped once, and never changes');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER step_guard BEFORE UPDATE ON rollout_rampstep
  FOR EACH ROW EXECUTE FUNCTION rollout_step_guard();

CREATE FUNCTION rollout_exposure_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.department_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM rollout_flag f
      JOIN organizations_department d ON d.organization_id = f.organization_id
      WHERE f.id = NEW.flag_id AND d.id = NEW.department_id) THEN
    PERFORM rollout_refuse('FM082', 'a flag and its departments are of one organization');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER exposure_guard BEFORE INSERT ON rollout_flagexposure
  FOR EACH ROW EXECUTE FUNCTION rollout_exposure_guard();

CREATE FUNCTION rollout_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM rollout_refuse('FM080', 'nothing of a rollout is ever deleted');
  RETURN NULL;
END $$;
CREATE TRIGGER flag_keep BEFORE DELETE OR TRUNCATE ON rollout_flag
  FOR EACH STATEMENT EXECUTE FUNCTION rollout_keep();
CREATE TRIGGER override_keep BEFORE DELETE OR TRUNCATE ON rollout_flagoverride
  FOR EACH STATEMENT EXECUTE FUNCTION rollout_keep();
CREATE TRIGGER step_keep BEFORE DELETE OR TRUNCATE ON rollout_rampstep
  FOR EACH STATEMENT EXECUTE FUNCTION rollout_keep();

-- Waffle brings lists of people and groups for whom a flag is on: departments alone decide.
CREATE FUNCTION rollout_no_lists() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM rollout_refuse('FM083', 'flags are on for departments, never for people or groups');
  RETURN NULL;
END $$;
CREATE TRIGGER flag_users_stay_empty BEFORE INSERT ON rollout_flag_users
  FOR EACH STATEMENT EXECUTE FUNCTION rollout_no_lists();
CREATE TRIGGER flag_groups_stay_empty BEFORE INSERT ON rollout_flag_groups
  FOR EACH STATEMENT EXECUTE FUNCTION rollout_no_lists();

-- Every process listens: it forgets what it keeps and reads again.
CREATE FUNCTION rollout_tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('rollout_flags', '');
  RETURN NULL;
END $$;
CREATE TRIGGER flag_tell AFTER INSERT OR UPDATE ON rollout_flag
  FOR EACH STATEMENT EXECUTE FUNCTION rollout_tell();
CREATE TRIGGER override_tell AFTER INSERT OR UPDATE ON rollout_flagoverride
  FOR EACH STATEMENT EXECUTE FUNCTION rollout_tell();
