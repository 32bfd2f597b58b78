-- Closing a period: what it hands on, and who may open it again.
--
-- A period is "handed to" when the last ordinary period before it is closed: from then on it
-- has opening balances, the sums of all closed periods before it. An adjustment period lies
-- beside the months after it: it may stay open while they close, and brings its own sums to
-- them when it closes itself.
--
-- SQLSTATE   meaning
-- FM016      opening balances would be written by somebody else than a close
-- FM012      (see master_data_guards.sql) a period opens again without an approved request

-- A composite key keeps an opening balance in its ledger.
ALTER TABLE ledgers_openingbalance ADD CONSTRAINT opening_period_is_of_ledger
  FOREIGN KEY (ledger_id, period_id) REFERENCES ledgers_period (ledger_id, id);

CREATE FUNCTION ledgers_month_before(p_period bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT e.id FROM ledgers_period t JOIN ledgers_period e ON e.ledger_id = t.ledger_id
    AND NOT e.is_adjustment AND (e.fiscal_year, e.number) < (t.fiscal_year, t.number)
  WHERE t.id = p_period
  ORDER BY e.fiscal_year DESC, e.number DESC LIMIT 1
$$;

CREATE FUNCTION ledgers_is_handed_to(p_period bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT 1 FROM ledgers_period
    WHERE id = ledgers_month_before(p_period) AND state IN ('closed', 'locked'))
$$;

-- Every account, dimension set and currency up to the end of a period, whether its own and
-- earlier periods are closed or not: from the last opening balances and what came since.
CREATE FUNCTION ledgers_balances_through(p_period bigint)
RETURNS TABLE (account_id bigint, dimension_set_id bigint, currency_id varchar,
  amount numeric, base_amount numeric)
LANGUAGE sql STABLE AS $$
  WITH this AS (
    SELECT * FROM ledgers_period WHERE id = p_period
  ), start AS (
    SELECT t.* FROM this JOIN ledgers_period t ON t.ledger_id = this.ledger_id
      AND (t.fiscal_year, t.number) <= (this.fiscal_year, this.number)
      AND (NOT t.is_adjustment OR t.id = this.id)
    WHERE ledgers_is_handed_to(t.id)
    ORDER BY t.fiscal_year DESC, t.number DESC LIMIT 1
  ), counted AS (
    SELECT x.ledger_id, x.id FROM this
    JOIN ledgers_period x ON x.ledger_id = this.ledger_id
      AND (x.fiscal_year, x.number) <= (this.fiscal_year, this.number)
    LEFT JOIN start ON true
    WHERE start.id IS NULL OR (x.fiscal_year, x.number) >= (start.fiscal_year, start.number)
      OR x.state NOT IN ('closed', 'locked')
  ), amounts AS (
    SELECT o.account_id, o.dimension_set_id, o.currency_id, o.amount, o.base_amount
    FROM start JOIN ledgers_openingbalance o ON o.period_id = start.id
    UNION ALL
    SELECT b.account_id, b.dimension_set_id, b.currency_id, b.debit - b.credit,
      b.base_debit - b.base_credit
    FROM counted c JOIN ledgers_accountbalance b ON b.ledger_id = c.ledger_id
      AND b.period_id = c.id
  )
  SELECT a.account_id, a.dimension_set_id, a.currency_id, sum(a.amount), sum(a.base_amount)
  FROM amounts a GROUP BY 1, 2, 3
$$;

-- In one statement for all periods that get something: the next one everything, and where an
-- adjustment period closes late, the months after it its turnover.
CREATE FUNCTION ledgers_hand_on(p_period bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH this AS (
    SELECT * FROM ledgers_period WHERE id = p_period
  ), targets AS (
    SELECT t.id, ledgers_month_before(t.id) = this.id AS is_next
    FROM this JOIN ledgers_period t ON t.ledger_id = this.ledger_id
      AND (t.fiscal_year, t.number) > (this.fiscal_year, this.number)
    WHERE CASE WHEN this.is_adjustment THEN ledgers_is_handed_to(t.id)
      ELSE ledgers_month_before(t.id) = this.id END
  ), amounts AS (
    SELECT o.account_id, o.dimension_set_id, o.currency_id, o.amount, o.base_amount
    FROM this JOIN ledgers_openingbalance o ON o.period_id = this.id
    WHERE NOT this.is_adjustment
    UNION ALL
    SELECT b.account_id, b.dimension_set_id, b.currency_id, b.debit - b.credit,
      b.base_debit - b.base_credit
    FROM this JOIN ledgers_accountbalance b ON b.ledger_id = this.ledger_id
      AND b.period_id = this.id
  ), sums AS (
    SELECT account_id, dimension_set_id, currency_id, sum(amount) AS amount,
      sum(base_amount) AS base_amount
    FROM amounts GROUP BY 1, 2, 3 HAVING sum(amount) <> 0 OR sum(base_amount) <> 0
  )
  INSERT INTO ledgers_openingbalance AS o (ledger_id, period_id, account_id, dimension_set_id,
      currency_id, amount, base_amount)
    SELECT this.ledger_id, t.id, s.account_id, s.dimension_set_id, s.currency_id, s.amount,
      s.base_amount
    FROM this CROSS JOIN targets t CROSS JOIN sums s
    ON CONFLICT (period_id, account_id, dimension_set_id, currency_id)
    DO UPDATE SET amount = o.amount + excluded.amount,
      base_amount = o.base_amount + excluded.base_amount
$$;

CREATE FUNCTION ledgers_take_back(p_period bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE this ledgers_period;
BEGIN
  SELECT * INTO this FROM ledgers_period WHERE id = p_period;
  IF this.is_adjustment THEN
    UPDATE ledgers_openingbalance o SET amount = o.amount - b.amount,
        base_amount = o.base_amount - b.base_amount
      FROM (SELECT account_id, dimension_set_id, currency_id, sum(debit - credit) AS amount,
          sum(base_debit - base_credit) AS base_amount FROM ledgers_accountbalance
          WHERE ledger_id = this.ledger_id AND period_id = this.id GROUP BY 1, 2, 3) b,
        ledgers_period t
      WHERE t.id = o.period_id AND t.ledger_id = this.ledger_id
        AND (t.fiscal_year, t.number) > (this.fiscal_year, this.number)
        AND o.account_id = b.account_id AND o.currency_id = b.currency_id
        AND o.dimension_set_id IS NOT DISTINCT FROM b.dimension_set_id;
  ELSE
    DELETE FROM ledgers_openingbalance o USING ledgers_period t
      WHERE t.id = o.period_id AND t.ledger_id = this.ledger_id
        AND (t.fiscal_year, t.number) > (this.fiscal_year, this.number)
        AND ledgers_month_before(t.id) = this.id;
  END IF;
END $$;

CREATE FUNCTION ledgers_period_openings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.state = 'closed' THEN PERFORM ledgers_hand_on(NEW.id);
  ELSE PERFORM ledgers_take_back(NEW.id); END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER period_openings AFTER UPDATE OF state ON ledgers_period FOR EACH ROW
  WHEN ((OLD.state = 'closing' AND NEW.state = 'closed')
    OR (OLD.state = 'closed' AND NEW.state = 'open'))
  EXECUTE FUNCTION ledgers_period_openings();

-- Whoever owns the table cannot write it past the close either: the trigger above is one
-- level further up.
CREATE FUNCTION ledgers_opening_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF pg_trigger_depth() < 2 THEN
    PERFORM ledgers_refuse('FM016', 'opening balances are written by a close');
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER opening_guard BEFORE INSERT OR UPDATE OR DELETE ON ledgers_openingbalance
  FOR EACH STATEMENT EXECUTE FUNCTION ledgers_opening_guard();
CREATE TRIGGER opening_no_truncate BEFORE TRUNCATE ON ledgers_openingbalance
  EXECUTE FUNCTION ledgers_refuse_truncate();

-- After `period_update_guard` by name, which knows the steps.
CREATE FUNCTION ledgers_period_reopen_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE name text := format('%s-%s', OLD.fiscal_year, lpad(OLD.number::text, 2, '0'));
BEGIN
  IF NOT EXISTS (SELECT 1 FROM ledgers_reopenrequest
      WHERE period_id = NEW.id AND state = 'approved') THEN
    PERFORM ledgers_refuse('FM012', format('period %s: nobody approved the reopening', name),
      json_build_object('period', name, 'reason', 'no_approval', 'from', OLD.state,
        'to', NEW.state));
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER period_update_reopen_guard BEFORE UPDATE OF state ON ledgers_period FOR EACH ROW
  WHEN (OLD.state = 'closed' AND NEW.state = 'open')
  EXECUTE FUNCTION ledgers_period_reopen_guard();

-- A decision is made once, by another person; nothing else of a request changes.
CREATE FUNCTION ledgers_reopen_request_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE kept text[] := '{state,decided_by_id,decided_at,note}';
BEGIN
  IF to_jsonb(NEW) - kept <> to_jsonb(OLD) - kept
      OR (OLD.state, NEW.state) NOT IN (('waiting', 'approved'), ('waiting', 'rejected'),
        ('waiting', 'withdrawn'), ('approved', 'done'))
      OR (OLD.state = 'approved' AND NEW.decided_by_id <> OLD.decided_by_id) THEN
    PERFORM ledgers_refuse('FM002', 'a request to reopen is decided once');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER reopenrequest_update_guard BEFORE UPDATE ON ledgers_reopenrequest
  FOR EACH ROW EXECUTE FUNCTION ledgers_reopen_request_guard();
CREATE FUNCTION ledgers_reopen_request_born() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.state <> 'waiting' THEN
    PERFORM ledgers_refuse('FM002', 'a request to reopen is born waiting');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER reopenrequest_insert_guard BEFORE INSERT ON ledgers_reopenrequest
  FOR EACH ROW EXECUTE FUNCTION ledgers_reopen_request_born();
