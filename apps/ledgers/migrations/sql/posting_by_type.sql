-- What the posting path is given stands here once, as types, and is read from JSON once; see
-- events_of_postings.sql for the functions that read it.

CREATE TYPE ledgers_new_line AS (
  position integer, account_id bigint, dimension_set_id bigint, side smallint, currency text,
  amount numeric(20, 4), rate numeric(20, 10), base_amount numeric(20, 4), summary text,
  rate_per smallint, rate_type text, rate_source text, rate_on date, rate_ids bigint[]
);
-- `place` counts the entries of a call as the caller gave them, from 1.
CREATE TYPE ledgers_new_entry AS (
  place integer, ledger_id bigint, key text, payload_hash text, word text, entry_date date,
  kind text, source text, summary text, total numeric(20, 4), maker_id bigint,
  checker_id bigint, lines ledgers_new_line[]
);

CREATE FUNCTION ledgers_hash_of_new(n ledgers_new_entry) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT ledgers_hash_of(
    ledgers_header_text(n.ledger_id, n.entry_date, n.word, n.kind, n.summary, NULL, n.maker_id),
    (SELECT string_agg(ledgers_line_text(l.position, l.account_id, l.dimension_set_id, l.side,
        l.currency, l.amount, l.rate, l.base_amount, l.summary), E'\n')
      FROM unnest(n.lines) AS l))
$$;

-- A checker comes with the approval; the maker and a checker at birth are asked for by the guard
-- of new entries. Both have to be of the organization, which says more than a foreign key.
CREATE FUNCTION ledgers_checker_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE alien bigint;
BEGIN
  SELECT min(n.id) INTO alien FROM new_entries n JOIN old_entries o USING (id)
    JOIN ledgers_ledger g ON g.id = n.ledger_id
    LEFT JOIN organizations_user c ON c.id = n.checker_id
      AND c.organization_id = g.organization_id
    WHERE n.checker_id IS DISTINCT FROM o.checker_id AND n.checker_id IS NOT NULL
      AND c.id IS NULL;
  IF alien IS NOT NULL THEN
    PERFORM ledgers_refuse('FM006', 'who checks is of the organization',
      json_build_object('entry', alien));
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER journalentry_checker_guard AFTER UPDATE ON ledgers_journalentry
  REFERENCING OLD TABLE AS old_entries NEW TABLE AS new_entries
  FOR EACH STATEMENT EXECUTE FUNCTION ledgers_checker_guard();
