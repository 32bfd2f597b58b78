-- A draft may be discarded too; everything else is as it was.
CREATE OR REPLACE FUNCTION approvals_flow_guard() RETURNS trigger LANGUAGE plpgsql AS $$
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
  IF (OLD.state, NEW.state) NOT IN (('draft', 'active'), ('active', 'retired'),
      ('draft', 'dropped')) THEN
    PERFORM approvals_refuse('FM051', format('no step leads from %s to %s', OLD.state, NEW.state));
  END IF;
  IF NEW.state = 'active' AND NOT EXISTS (
      SELECT 1 FROM approvals_flowstep WHERE flow_id = NEW.id) THEN
    PERFORM approvals_refuse('FM054', 'a flow without a step would approve by itself');
  END IF;
  RETURN NEW;
END $$;
