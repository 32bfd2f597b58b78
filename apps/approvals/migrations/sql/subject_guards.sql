-- Subjects of approval besides entries (approved_subjects.sql): none becomes approved around its
-- round.
--
-- FM058      approved around its round

-- A special entry without a flow of its own takes that of every entry.
CREATE OR REPLACE FUNCTION approvals_request_birth() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.state <> 'open' THEN
    PERFORM approvals_refuse('FM051', 'a request is born open');
  END IF;
  IF NOT EXISTS (SELECT 1 FROM approvals_approvalflow f WHERE f.id = NEW.flow_id
      AND f.organization_id = NEW.organization_id AND f.state = 'active'
      AND (f.subject_kind = NEW.subject_kind OR f.subject_kind = 'journal_entry'
        AND NEW.subject_kind IN ('reversal', 'write_off', 'transfer')))
      OR NOT approvals_is_of(NEW.maker_id, NEW.organization_id) THEN
    PERFORM approvals_refuse('FM053', 'a request follows an active flow of its organization');
  END IF;
  RETURN NEW;
END $$;

-- The argument is the kind of subject that the table's rows are. What never had a round is
-- left to the rule of its own app.
CREATE FUNCTION approvals_round_decides() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE last text;
BEGIN
  SELECT (array_agg(r.state ORDER BY r.id DESC))[1] INTO last
    FROM approvals_approvalrequest r
    WHERE r.subject_kind = TG_ARGV[0] AND r.subject_id = NEW.id;
  IF last <> 'approved' THEN
    PERFORM approvals_refuse('FM058', format('the round of the subject is %s', last));
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER round_decides BEFORE UPDATE OF state ON ledgers_reopenrequest
  FOR EACH ROW WHEN (NEW.state = 'approved' AND OLD.state = 'waiting')
  EXECUTE FUNCTION approvals_round_decides('period_reopen');
CREATE TRIGGER round_decides BEFORE UPDATE OF state ON ledgers_settlementproposal
  FOR EACH ROW WHEN (NEW.state = 'settled' AND OLD.state = 'waiting')
  EXECUTE FUNCTION approvals_round_decides('settlement');
CREATE TRIGGER round_decides BEFORE UPDATE OF state ON policies_financepolicy
  FOR EACH ROW WHEN (NEW.state = 'confirmed' AND OLD.state = 'proposed')
  EXECUTE FUNCTION approvals_round_decides('policy_change');
CREATE TRIGGER round_decides BEFORE UPDATE OF state ON fx_exchangerate
  FOR EACH ROW WHEN (NEW.state = 'confirmed' AND OLD.state = 'waiting'
    AND NEW.rate_import_id IS NULL)
  EXECUTE FUNCTION approvals_round_decides('manual_rate');
