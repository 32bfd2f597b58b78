-- Statistics that a large transaction needs of what it has written itself.
--
-- A table whose rows were all rolled back is counted as empty, by autovacuum or by hand, while
-- it has pages. For such a table every way through an index costs the planner the same, and it
-- takes one that reads all of the index for each row. Whoever then fills the table in one
-- transaction waits for the square of its rows, and nobody else can count them before the
-- commit.
--
-- It runs as its owner, whom alone PostgreSQL lets count. A table that another transaction is
-- counting is left out: two imports never wait for each other.
CREATE FUNCTION ledgers_count_what_looks_empty() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE counted integer := 0; wrong regclass;
BEGIN
  FOR wrong IN
    SELECT c.oid FROM pg_class c JOIN unnest('{ledgers_journalentry, ledgers_journalline,
        ledgers_historicaljournalentry, ledgers_accountbalance, ledgers_accounttotal,
        ledgers_entrycounter, ledgers_openitem, ledgers_itemmovement, ledgers_settlement,
        ledgers_openingbalance, ledgers_account, ledgers_dimensionset, ledgers_period,
        audit_operationlog}'::regclass[])
      AS t (oid) ON t.oid = c.oid
    WHERE c.reltuples = 0 AND c.relpages > 0
  LOOP
    EXECUTE format('ANALYZE (SKIP_LOCKED) %s', wrong);
    counted := counted + 1;
  END LOOP;
  RETURN counted;
END $$;
