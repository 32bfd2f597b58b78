-- A balance that people stated stays as a proof that is signed off has it: FM115 until the
-- sign-off is withdrawn, or is stale because an earlier one was.

CREATE FUNCTION reconciliation_stated_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- Who signs a run holds it: this waits for that, and that finds what was stated.
  PERFORM 1 FROM reconciliation_reconciliationrun r
    WHERE r.channel_id = NEW.channel_id AND r.to_on >= NEW.at_on ORDER BY r.id FOR SHARE;
  IF EXISTS (
    SELECT 1 FROM reconciliation_signoff s
    JOIN reconciliation_reconciliationrun r ON r.id = s.run_id
    WHERE r.channel_id = NEW.channel_id AND r.to_on >= NEW.at_on AND s.state = 'signed'
      AND NOT EXISTS (SELECT 1 FROM reconciliation_signoffwithdrawal w
        JOIN reconciliation_signoff e ON e.id = w.sign_off_id
        JOIN reconciliation_reconciliationrun er ON er.id = e.run_id
        WHERE w.state = 'confirmed' AND (w.sign_off_id = s.id
          OR er.channel_id = r.channel_id AND er.to_on < r.to_on
            AND w.decided_at > s.reviewed_at))) THEN
    PERFORM reconciliation_refuse('FM115', 'a stated balance is under a proof that is signed');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER stated_sign_off_guard BEFORE INSERT ON statements_statedbalance
  FOR EACH ROW EXECUTE FUNCTION reconciliation_stated_guard();
