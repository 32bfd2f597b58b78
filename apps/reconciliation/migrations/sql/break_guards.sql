-- Breaks: what they are about never changes, and none ever goes.
--
-- SQLSTATE   meaning
-- FM125      a break would go, or become about another row

CREATE FUNCTION reconciliation_break_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    PERFORM reconciliation_refuse('FM125', 'a break is never deleted');
  END IF;
  IF (NEW.id, NEW.organization_id, NEW.channel_id, NEW.side, NEW.item_id, NEW.booked_on,
      NEW.amount, NEW.currency)
    IS DISTINCT FROM
     (OLD.id, OLD.organization_id, OLD.channel_id, OLD.side, OLD.item_id, OLD.booked_on,
      OLD.amount, OLD.currency) THEN
    PERFORM reconciliation_refuse('FM125', 'a break stays about its row');
  END IF;
  IF NEW.version <> OLD.version + 1 THEN
    PERFORM reconciliation_refuse('FM125', 'each change of a break counts its version');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER break_guard BEFORE UPDATE OR DELETE ON reconciliation_break
  FOR EACH ROW EXECUTE FUNCTION reconciliation_break_guard();
CREATE TRIGGER break_no_truncate BEFORE TRUNCATE ON reconciliation_break
  EXECUTE FUNCTION reconciliation_no_truncate();
