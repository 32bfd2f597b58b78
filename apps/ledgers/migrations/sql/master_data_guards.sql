-- Periods and accounts.
--
-- SQLSTATE   meaning
-- FM012      a period would change in a way that does not exist, or cannot close yet
-- FM013      an account would change although it has lines, or leave its tree

-- No overlap; a range of one ledger stands in for equality, so that no extension is needed.
ALTER TABLE ledgers_period ADD CONSTRAINT periods_do_not_overlap
  EXCLUDE USING gist (
    int8range(ledger_id, ledger_id, '[]') WITH &&,
    daterange(starts_on, ends_on, '[]') WITH &&) WHERE (NOT is_adjustment);

CREATE FUNCTION ledgers_period_insert_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.state NOT IN ('future', 'open') THEN
    PERFORM ledgers_refuse('FM012', 'a period is born future or open',
      json_build_object('reason', 'born'));
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER period_insert_guard BEFORE INSERT ON ledgers_period
  FOR EACH ROW EXECUTE FUNCTION ledgers_period_insert_guard();

CREATE FUNCTION ledgers_period_update_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE reason text; name text := format('%s-%s', OLD.fiscal_year, lpad(OLD.number::text, 2, '0'));
BEGIN
  IF (NEW.ledger_id, NEW.fiscal_year, NEW.number, NEW.starts_on, NEW.ends_on, NEW.is_adjustment)
    <> (OLD.ledger_id, OLD.fiscal_year, OLD.number, OLD.starts_on, OLD.ends_on, OLD.is_adjustment)
  THEN reason := 'fixed';
  ELSIF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (
      ('future', 'open'), ('open', 'closing'), ('closing', 'open'), ('closing', 'closed'),
      ('closed', 'open'), ('closed', 'locked'))
  THEN reason := 'step';
  ELSIF NEW.state = 'closed' AND OLD.state = 'closing' THEN
    PERFORM pg_advisory_xact_lock(ledgers_period_gate(NEW.id));
    reason := ledgers_why_period_stays_open(NEW.ledger_id, NEW.id, NEW.starts_on, NEW.is_adjustment);
  ELSIF NEW.state = 'open' AND OLD.state = 'closed' AND EXISTS (
      SELECT 1 FROM ledgers_period p WHERE p.ledger_id = NEW.ledger_id AND p.id <> NEW.id
        AND (p.fiscal_year, p.number) > (NEW.fiscal_year, NEW.number)
        AND p.state IN ('closed', 'locked'))
  THEN reason := 'not_last';
  END IF;
  IF reason IS NOT NULL THEN
    PERFORM ledgers_refuse('FM012', format('period %s: %s', name, reason),
      json_build_object('period', name, 'reason', reason, 'from', OLD.state, 'to', NEW.state));
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION ledgers_why_period_stays_open(
  p_ledger bigint, p_period bigint, p_starts_on date, p_is_adjustment boolean
) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM ledgers_journalentry WHERE ledger_id = p_ledger
      AND period_id = p_period AND state IN ('draft', 'submitted', 'approved')) THEN
    RETURN 'unposted';
  END IF;
  -- An adjustment period waits for the auditors, and the months after it do not wait for it.
  IF EXISTS (SELECT 1 FROM ledgers_period p WHERE p.ledger_id = p_ledger AND p.id <> p_period
      AND p.state NOT IN ('closed', 'locked') AND NOT p.is_adjustment
      AND (p.ends_on < p_starts_on OR (p_is_adjustment AND p.ends_on = p_starts_on))) THEN
    RETURN 'previous_open';
  END IF;
  IF EXISTS (SELECT 1 FROM ledgers_journalentry WHERE ledger_id = p_ledger
      AND period_id = p_period AND number IS NOT NULL GROUP BY word
      HAVING count(*) <> max(number) OR min(number) <> 1) THEN
    RETURN 'gap';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER period_update_guard BEFORE UPDATE ON ledgers_period
  FOR EACH ROW EXECUTE FUNCTION ledgers_period_update_guard();

CREATE FUNCTION ledgers_period_delete_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM ledgers_refuse('FM012', 'periods are never deleted',
    json_build_object('reason', 'fixed'));
  RETURN NULL;
END $$;
CREATE TRIGGER period_delete_guard BEFORE DELETE ON ledgers_period
  FOR EACH ROW EXECUTE FUNCTION ledgers_period_delete_guard();

CREATE FUNCTION ledgers_account_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE parent record; reason text;
BEGIN
  IF NEW.parent_id IS NOT NULL THEN
    SELECT * INTO parent FROM ledgers_account WHERE id = NEW.parent_id FOR KEY SHARE;
    IF parent.chart_id <> NEW.chart_id OR parent.is_leaf
      OR parent.account_class <> NEW.account_class THEN reason := 'parent'; END IF;
  END IF;
  IF TG_OP = 'UPDATE' THEN
    IF NEW.chart_id <> OLD.chart_id OR NEW.code <> OLD.code
      OR NEW.parent_id IS DISTINCT FROM OLD.parent_id THEN reason := 'fixed'; END IF;
    IF (NEW.account_class, NEW.normal_side) <> (OLD.account_class, OLD.normal_side)
        OR NEW.currency_id IS DISTINCT FROM OLD.currency_id OR NEW.is_leaf < OLD.is_leaf THEN
      IF EXISTS (SELECT 1 FROM ledgers_journalline WHERE account_id = NEW.id) THEN
        reason := 'has_lines'; END IF;
    END IF;
    IF NEW.is_leaf AND EXISTS (SELECT 1 FROM ledgers_account WHERE parent_id = NEW.id) THEN
      reason := 'has_children'; END IF;
  END IF;
  IF reason IS NOT NULL THEN
    PERFORM ledgers_refuse('FM013', format('account %s: %s', NEW.code, reason),
      json_build_object('account', NEW.code, 'reason', reason));
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER account_guard BEFORE INSERT OR UPDATE ON ledgers_account
  FOR EACH ROW EXECUTE FUNCTION ledgers_account_guard();
