-- As before; the gates are taken by expressions, which costs less than a statement.
CREATE OR REPLACE FUNCTION budgets_follow_new() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE ids bigint[]; ledgers bigint[]; ledger bigint;
BEGIN
  SELECT array_agg(n.id), array_agg(DISTINCT n.ledger_id ORDER BY n.ledger_id) INTO ids, ledgers
    FROM new_rows n WHERE budgets_phase(n.state) <> 'released';
  IF ids IS NULL THEN RETURN NULL; END IF;
  FOREACH ledger IN ARRAY ledgers LOOP
    IF pg_advisory_xact_lock_shared(budgets_gate(ledger)) IS NULL THEN NULL; END IF;
  END LOOP;
  -- A statement of its own: it sees what the gates kept back.
  IF EXISTS (SELECT FROM budgets_budget b WHERE b.ledger_id = ANY (ledgers)) THEN
    PERFORM budgets_move(ids);
  END IF;
  RETURN NULL;
END $$;
