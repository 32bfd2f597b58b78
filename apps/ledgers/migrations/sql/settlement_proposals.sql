-- Settlements above the limit of the organization: proposed, then decided by another person.
--
-- SQLSTATE   meaning
-- FM032      a settlement above the limit that nobody else approved, or a proposal that changes

CREATE FUNCTION ledgers_settlement_proposal_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE kept text[] :=
  '{state,decided_by_id,decided_at,note,settlement_id,version,updated_at,updated_by_id}';
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'waiting' OR NOT EXISTS (
        SELECT 1 FROM ledgers_ledger l JOIN organizations_user u
          ON u.id = NEW.proposed_by_id AND u.organization_id = l.organization_id
        JOIN ledgers_account a ON a.id = NEW.account_id AND a.chart_id = l.chart_id
        WHERE l.id = NEW.ledger_id) THEN
      PERFORM ledgers_refuse('FM032', 'a settlement is proposed in the own books, and waits');
    END IF;
    RETURN NEW;
  END IF;
  IF to_jsonb(NEW) - kept <> to_jsonb(OLD) - kept OR OLD.state <> 'waiting'
      OR NEW.state = 'waiting' THEN
    PERFORM ledgers_refuse('FM032', 'a proposed settlement is decided once');
  END IF;
  IF NOT EXISTS (SELECT 1 FROM ledgers_ledger l JOIN organizations_user u
      ON u.id = NEW.decided_by_id AND u.organization_id = l.organization_id
      WHERE l.id = NEW.ledger_id) THEN
    PERFORM ledgers_refuse('FM032', 'people decide in their own organization');
  END IF;
  IF NEW.state = 'settled' AND NOT EXISTS (
      SELECT 1 FROM ledgers_settlement s WHERE s.id = NEW.settlement_id
        AND (s.ledger_id, s.account_id, s.currency_id, s.settled_on, s.amount, s.gain,
          s.made_by_id)
        = (NEW.ledger_id, NEW.account_id, NEW.currency_id, NEW.settled_on, NEW.amount, NEW.gain,
          NEW.proposed_by_id)
        AND s.partner_id IS NOT DISTINCT FROM NEW.partner_id) THEN
    PERFORM ledgers_refuse('FM032', 'a settlement is what was proposed');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER settlementproposal_guard BEFORE INSERT OR UPDATE ON ledgers_settlementproposal
  FOR EACH ROW EXECUTE FUNCTION ledgers_settlement_proposal_guard();
CREATE TRIGGER settlementproposal_keep BEFORE DELETE ON ledgers_settlementproposal
  FOR EACH ROW EXECUTE FUNCTION ledgers_item_keep();
CREATE TRIGGER settlementproposal_no_truncate BEFORE TRUNCATE ON ledgers_settlementproposal
  EXECUTE FUNCTION ledgers_refuse_truncate();

-- At commit, when its movements are there: the larger side in base currency is its size.
CREATE FUNCTION ledgers_settlement_is_approved() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE most numeric; size numeric;
BEGIN
  SELECT o.settlement_limit INTO most FROM ledgers_ledger l
    JOIN organizations_organization o ON o.id = l.organization_id WHERE l.id = NEW.ledger_id;
  IF most IS NULL THEN RETURN NULL; END IF;
  SELECT greatest(coalesce(sum(base_amount) FILTER (WHERE base_amount > 0), 0),
      -coalesce(sum(base_amount) FILTER (WHERE base_amount < 0), 0))
    INTO size FROM ledgers_itemmovement WHERE settlement_id = NEW.id AND kind = 'settlement';
  IF size > most AND NOT EXISTS (SELECT 1 FROM ledgers_settlementproposal
      WHERE settlement_id = NEW.id AND state = 'settled') THEN
    PERFORM ledgers_refuse('FM032', 'a settlement above the limit waits for another person',
      json_build_object('settlement', NEW.id));
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER settlement_is_approved AFTER INSERT ON ledgers_settlement
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledgers_settlement_is_approved();
