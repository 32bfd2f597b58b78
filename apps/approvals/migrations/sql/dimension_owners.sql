-- Approvals: a step may ask the owners of one dimension, which is of the flow's organization.
-- Replaces the guard of approval_guards.sql.

CREATE OR REPLACE FUNCTION approvals_step_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE flow approvals_approvalflow;
BEGIN
  SELECT * INTO flow FROM approvals_approvalflow WHERE id = NEW.flow_id FOR SHARE;
  IF flow.state <> 'draft' THEN
    PERFORM approvals_refuse('FM050', 'the steps of an active flow never change');
  END IF;
  IF NEW.person_id IS NOT NULL AND NOT approvals_is_of(NEW.person_id, flow.organization_id)
      OR NEW.escalate_to_id IS NOT NULL
        AND NOT approvals_is_of(NEW.escalate_to_id, flow.organization_id) THEN
    PERFORM approvals_refuse('FM053', 'a step asks people of its own organization');
  END IF;
  IF NEW.dimension_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM ledgers_dimensiontype d
      WHERE d.id = NEW.dimension_id AND d.organization_id = flow.organization_id) THEN
    PERFORM approvals_refuse('FM053', 'a step asks about a dimension of its own organization');
  END IF;
  RETURN NEW;
END $$;
