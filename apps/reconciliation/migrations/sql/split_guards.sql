-- Split rows: parts add up to their row, and either the row or its parts are in buckets.
--
-- SQLSTATE   meaning
-- FM122      a row of a signed-off run would be split or put back together
-- FM128      parts do not add up to their row, or a split would change or go

CREATE FUNCTION reconciliation_split_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    PERFORM reconciliation_refuse('FM128', 'a split is never deleted');
  END IF;
  -- Locks the run: who signs it waits, and finds the parts.
  IF EXISTS (SELECT reconciliation_signed_runs(
      ARRAY[coalesce(NEW.undone_run_id, NEW.run_id)])) THEN
    PERFORM reconciliation_refuse('FM122', 'no row of a signed-off run is split');
  END IF;
  IF TG_OP = 'INSERT' THEN
    IF NEW.is_undone THEN
      PERFORM reconciliation_refuse('FM128', 'a split begins with its parts');
    END IF;
    RETURN NEW;
  END IF;
  IF OLD.is_undone OR NOT NEW.is_undone OR (NEW.id, NEW.organization_id, NEW.channel_id,
      NEW.side, NEW.item_id, NEW.line_id, NEW.run_id, NEW.part_count, NEW.amount, NEW.currency,
      NEW.before, NEW.created_by_id)
    IS DISTINCT FROM (OLD.id, OLD.organization_id, OLD.channel_id,
      OLD.side, OLD.item_id, OLD.line_id, OLD.run_id, OLD.part_count, OLD.amount, OLD.currency,
      OLD.before, OLD.created_by_id) THEN
    PERFORM reconciliation_refuse('FM128', 'a split is undone once, never changed');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER split_guard BEFORE INSERT OR UPDATE OR DELETE ON reconciliation_rowsplit
  FOR EACH ROW EXECUTE FUNCTION reconciliation_split_guard();

-- Whether what was split is a row of its channel of that amount: a line, or a part of one.
CREATE FUNCTION reconciliation_is_row_of_split(made reconciliation_rowsplit) RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN made.item_id <> made.line_id THEN EXISTS (SELECT 1 FROM reconciliation_rowpart p
      WHERE (p.channel_id, p.side, p.item_id, p.line_id, p.amount)
        = (made.channel_id, made.side, made.item_id, made.line_id, made.amount))
    WHEN made.side = 'book' THEN EXISTS (SELECT 1 FROM ledgers_journalline l
      JOIN statements_channel c ON c.id = made.channel_id AND c.ledger_id = l.ledger_id
        AND c.account_id = l.account_id
      WHERE l.id = made.line_id AND made.amount IN (l.amount, l.base_amount))
    ELSE EXISTS (SELECT 1 FROM statements_statementline l WHERE l.id = made.line_id
      AND l.channel_id = made.channel_id AND l.amount = made.amount) END
$$;

CREATE FUNCTION reconciliation_prove_split(which bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE found record; made reconciliation_rowsplit; is_whole boolean; is_elsewhere boolean;
BEGIN
  -- As it is now: what was made may be undone by the same transaction.
  SELECT * INTO made FROM reconciliation_rowsplit WHERE id = which;
  SELECT count(*) AS parts, coalesce(sum(p.amount), 0) AS amount, max(p.position) AS last,
    coalesce(bool_and((p.channel_id, p.side, p.line_id, sign(p.amount))
      = (made.channel_id, made.side, made.line_id, sign(made.amount))), false) AS is_alike,
    count(m.item_id) AS in_buckets, count(s.id) AS split_again,
    count(*) FILTER (WHERE m.amount <> p.amount OR m.currency <> made.currency
      OR m.item_id IS NOT NULL AND s.id IS NOT NULL) AS wrong INTO found
  FROM reconciliation_rowpart p
  LEFT JOIN reconciliation_matcheditem m ON m.channel_id = p.channel_id AND m.side = p.side
    AND m.item_id = p.item_id
  LEFT JOIN reconciliation_rowsplit s ON s.channel_id = p.channel_id AND s.side = p.side
    AND s.item_id = p.item_id AND NOT s.is_undone
  WHERE p.split_id = which;
  IF (found.parts, found.last, found.amount, found.is_alike)
      IS DISTINCT FROM (made.part_count::bigint, made.part_count, made.amount, true)
    OR NOT reconciliation_is_row_of_split(made) THEN
    PERFORM reconciliation_refuse('FM128', format('the parts of split %s do not add up', which));
  END IF;
  is_whole := EXISTS (SELECT 1 FROM reconciliation_matcheditem m
    WHERE m.channel_id = made.channel_id AND m.side = made.side AND m.item_id = made.item_id);
  -- A row that was put back may be split anew, or be a part that went with its own row.
  is_elsewhere := made.is_undone AND (
    EXISTS (SELECT 1 FROM reconciliation_rowsplit s WHERE s.channel_id = made.channel_id
      AND s.side = made.side AND s.item_id = made.item_id AND NOT s.is_undone)
    OR EXISTS (SELECT 1 FROM reconciliation_rowpart p JOIN reconciliation_rowsplit s
      ON s.id = p.split_id AND s.is_undone
      WHERE p.side = made.side AND p.item_id = made.item_id));
  IF found.wrong > 0 OR is_whole <> (made.is_undone AND NOT is_elsewhere)
    OR found.in_buckets + found.split_again <> made.part_count * (NOT made.is_undone)::int THEN
    PERFORM reconciliation_refuse('FM128',
      format('either a row or its parts are in buckets (split %s)', which));
  END IF;
END $$;

CREATE FUNCTION reconciliation_split_proved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM reconciliation_prove_split(NEW.id);
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER split_proved AFTER INSERT OR UPDATE ON reconciliation_rowsplit
  DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION reconciliation_split_proved();

CREATE FUNCTION reconciliation_part_proved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM reconciliation_prove_split(NEW.split_id);
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER part_proved AFTER INSERT ON reconciliation_rowpart
  DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION reconciliation_part_proved();
