-- Breaks that a signed-off run closed: what was matched and signed stays resolved.
-- Open ones go on: the sign-off keeps how they stood.

CREATE FUNCTION reconciliation_signed_break_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT 1 FROM old_rows o
    JOIN reconciliation_matcheditem m ON m.channel_id = o.channel_id AND m.side = o.side
      AND m.item_id = o.item_id AND m.bucket IN ('exact', 'date', 'group', 'tolerance',
        'textref', 'reversal', 'manual')
    JOIN reconciliation_reconciliationrun r ON r.id = m.run_id AND r.state = 'signed_off'
    WHERE o.state = 'resolved' AND NOT EXISTS (
      SELECT 1 FROM reconciliation_signoffwithdrawal w
      JOIN reconciliation_signoff s ON s.id = w.sign_off_id
      WHERE s.run_id = r.id AND w.state = 'confirmed')) THEN
    PERFORM reconciliation_refuse('FM122', 'a break that was matched and signed off stays');
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER signed_break_guard AFTER UPDATE ON reconciliation_break
  REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION reconciliation_signed_break_guard();
