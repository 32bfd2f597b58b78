-- Matches by hand: what they say is proved when they are committed, and kept.
--
-- SQLSTATE   meaning
-- FM126      a match by hand does not add up, would change, or would go

CREATE FUNCTION reconciliation_hand_match_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    PERFORM reconciliation_refuse('FM126', 'a match by hand is never deleted');
  END IF;
  IF OLD.is_undone OR (NEW.id, NEW.organization_id, NEW.channel_id, NEW.group_id, NEW.kind,
      NEW.row_count, NEW.delta, NEW.allowed, NEW.currency, NEW.before, NEW.created_by_id)
    IS DISTINCT FROM (OLD.id, OLD.organization_id, OLD.channel_id, OLD.group_id, OLD.kind,
      OLD.row_count, OLD.delta, OLD.allowed, OLD.currency, OLD.before, OLD.created_by_id) THEN
    PERFORM reconciliation_refuse('FM126', 'a match by hand is undone, never changed');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER hand_match_keep BEFORE UPDATE OR DELETE ON reconciliation_handmatch
  FOR EACH ROW EXECUTE FUNCTION reconciliation_hand_match_keep();

CREATE FUNCTION reconciliation_hand_match_proved() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE found record; made reconciliation_handmatch;
BEGIN
  -- As it is now: what was made may be undone by the same transaction.
  SELECT * INTO made FROM reconciliation_handmatch WHERE id = NEW.id;
  SELECT count(*) AS rows, count(DISTINCT currency) AS currencies, min(currency) AS currency,
    coalesce(sum(amount * CASE side WHEN 'book' THEN -1 ELSE 1 END), 0) AS difference,
    coalesce(sum(delta), 0) AS delta INTO found
  FROM reconciliation_matcheditem
  WHERE channel_id = made.channel_id AND group_id = made.group_id AND bucket = 'manual';
  IF made.is_undone THEN
    IF found.rows <> 0 AND NOT EXISTS (SELECT 1 FROM reconciliation_handmatch h
        WHERE h.channel_id = made.channel_id AND h.group_id = made.group_id
          AND NOT h.is_undone) THEN
      PERFORM reconciliation_refuse('FM126', 'rows of an undone match are open again');
    END IF;
  ELSIF (found.rows, found.currencies, found.currency, found.difference, found.delta)
    IS DISTINCT FROM (made.row_count::bigint, 1::bigint, made.currency::text, made.delta, made.delta)
    THEN
    PERFORM reconciliation_refuse('FM126', format('group %s by hand does not add up',
      made.group_id));
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER hand_match_proved AFTER INSERT OR UPDATE ON reconciliation_handmatch
  DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION reconciliation_hand_match_proved();

CREATE FUNCTION reconciliation_write_off_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    PERFORM reconciliation_refuse('FM126', 'a write-off is never deleted');
  END IF;
  IF TG_OP = 'UPDATE' THEN
    IF OLD.state <> 'proposed' OR (NEW.id, NEW.organization_id, NEW.channel_id, NEW.entry_id,
        NEW.amount, NEW.currency, NEW.reason, NEW.created_by_id)
      IS DISTINCT FROM (OLD.id, OLD.organization_id, OLD.channel_id, OLD.entry_id,
        OLD.amount, OLD.currency, OLD.reason, OLD.created_by_id) THEN
      PERFORM reconciliation_refuse('FM126', 'a write-off is booked or dropped once');
    END IF;
  END IF;
  IF NEW.state = 'booked' AND NOT EXISTS (SELECT 1 FROM ledgers_journalentry e
      WHERE e.id = NEW.entry_id AND e.state = 'posted') THEN
    PERFORM reconciliation_refuse('FM126', 'a write-off is booked by its posted entry');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER write_off_guard BEFORE INSERT OR UPDATE OR DELETE ON reconciliation_writeoff
  FOR EACH ROW EXECUTE FUNCTION reconciliation_write_off_guard();
