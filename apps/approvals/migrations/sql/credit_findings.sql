-- Approvals: steps that ask people only where credit is in doubt.
-- Replaces approvals_suffice of approval_rounds.sql; what is new there is the credit.

-- Every counterparty was looked at, and none of the findings leaves it to a person.
CREATE FUNCTION approvals_credit_is_good(request approvals_approvalrequest) RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT count(*) >= greatest(1, cardinality(request.counterparties))
    AND coalesce(bool_and(NOT f.needs_person), false)
  FROM approvals_creditfinding f WHERE f.request_id = request.id
$$;

-- Every step that the amount meets, and every other one that was asked, has as many approvals
-- as its rule takes; one about credit only where this is in doubt. A seat is a person asked at
-- submission: it is filled by the own task or by the one added for it by escalation. Nobody
-- asked is never enough, and good credit alone neither.
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
      AND NOT (s.checks_credit AND approvals_credit_is_good(r))
    GROUP BY s.id) steps
$$;

CREATE FUNCTION approvals_finding_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE request approvals_approvalrequest; asked credit_creditcheck;
BEGIN
  SELECT * INTO request FROM approvals_approvalrequest WHERE id = NEW.request_id FOR SHARE;
  IF request.state <> 'open' THEN
    PERFORM approvals_refuse('FM051', 'what was decided on stays as it was');
  END IF;
  IF NEW.counterparty <> ALL (request.counterparties)
      AND (NEW.counterparty <> '' OR cardinality(request.counterparties) > 0) THEN
    PERFORM approvals_refuse('FM053', 'a finding is about a counterparty of the request');
  END IF;
  IF NEW.credit_check_id IS NULL THEN
    RETURN NEW;
  END IF;
  SELECT * INTO asked FROM credit_creditcheck WHERE id = NEW.credit_check_id;
  IF (asked.organization_id, asked.currency_id, asked.amount)
      <> (request.organization_id, request.currency_id, approvals_weight(request)) THEN
    PERFORM approvals_refuse('FM053', 'the check asked about another amount');
  END IF;
  IF asked.needs_person AND NOT NEW.needs_person THEN
    PERFORM approvals_refuse('FM054', 'the check leaves it to a person');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER finding_guard BEFORE INSERT ON approvals_creditfinding
  FOR EACH ROW EXECUTE FUNCTION approvals_finding_guard();

CREATE FUNCTION approvals_flow_asks_somebody() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM approvals_flowstep s
      WHERE s.flow_id = NEW.id AND NOT s.checks_credit) THEN
    PERFORM approvals_refuse('FM054', 'a flow that asks nobody would approve by itself');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER flow_asks_somebody BEFORE UPDATE ON approvals_approvalflow
  FOR EACH ROW WHEN (NEW.state = 'active' AND OLD.state = 'draft')
  EXECUTE FUNCTION approvals_flow_asks_somebody();
