-- The least work that a posting can be on this machine: the same rows in the same columns
-- with the same indexes, written by one PL/pgSQL call. Nothing is looked up or checked and no
-- trigger is there. `bench.add_foreign_keys()` gives the tables the foreign keys of the real
-- ones, which are part of writing such rows at all.

CREATE SCHEMA bench;
SET search_path = bench, public;
CREATE TABLE header (LIKE public.ledgers_journalentry INCLUDING ALL);
CREATE TABLE line (LIKE public.ledgers_journalline INCLUDING ALL);
CREATE TABLE balance (LIKE public.ledgers_accountbalance INCLUDING ALL);
CREATE TABLE total (LIKE public.ledgers_accounttotal INCLUDING ALL);
CREATE TABLE counter (LIKE public.ledgers_entrycounter INCLUDING ALL);
CREATE TABLE log (LIKE public.audit_operationlog INCLUDING ALL);
CREATE TABLE event (LIKE public.events_outboxevent INCLUDING ALL);
-- INCLUDING ALL leaves storage parameters and foreign keys out.
ALTER TABLE balance SET (fillfactor = 50);
ALTER TABLE total SET (fillfactor = 50);
ALTER TABLE counter SET (fillfactor = 20);

CREATE FUNCTION add_foreign_keys() RETURNS void LANGUAGE plpgsql AS $$
DECLARE key record;
BEGIN
  FOR key IN
    SELECT t.twin, c.conname, pg_get_constraintdef(c.oid) AS definition
    FROM pg_constraint c JOIN (VALUES ('ledgers_journalentry', 'header'),
      ('ledgers_journalline', 'line'), ('ledgers_accountbalance', 'balance'),
      ('ledgers_accounttotal', 'total'), ('ledgers_entrycounter', 'counter'),
      ('audit_operationlog', 'log')) AS t (original, twin)
      ON c.conrelid = ('public.' || t.original)::regclass
    WHERE c.contype = 'f'
  LOOP
    EXECUTE format('ALTER TABLE bench.%I ADD CONSTRAINT %I %s', key.twin, key.conname,
      key.definition);
  END LOOP;
END $$;

-- Like `ledgers_post_new`, for arrays of entries of two lines each. Accounts, periods and
-- words are given; `p_logged` is a log row and `p_body` an event of the size that posting writes.
CREATE FUNCTION post(
  p_ledger bigint, p_keys text[], p_periods bigint[], p_words text[], p_days date[],
  p_maker bigint, p_checker bigint, p_poster bigint, p_debits bigint[], p_credits bigint[],
  p_amounts numeric[], p_hash text, p_logged jsonb, p_body text
) RETURNS integer LANGUAGE plpgsql SET search_path = bench, public AS $$
DECLARE made bigint[]; numbers integer[];
BEGIN
  WITH wanted AS (
    SELECT g.period, g.word, g.place,
      row_number() OVER (PARTITION BY g.period, g.word ORDER BY g.place) AS number,
      count(*) OVER (PARTITION BY g.period, g.word) AS size
    FROM unnest(p_periods, p_words) WITH ORDINALITY AS g (period, word, place)
  ), counted AS (
    INSERT INTO counter AS c (ledger_id, period_id, word, last_number)
      SELECT p_ledger, period, word, count(*) FROM wanted GROUP BY 2, 3 ORDER BY 2, 3
      ON CONFLICT (ledger_id, period_id, word)
        DO UPDATE SET last_number = c.last_number + excluded.last_number
      RETURNING c.period_id, c.word, c.last_number
  )
  SELECT array_agg(c.last_number - w.size + w.number ORDER BY w.place) INTO numbers
    FROM wanted w JOIN counted c ON c.period_id = w.period AND c.word = w.word;

  WITH given AS (
    SELECT * FROM unnest(p_keys, p_periods, p_words, p_days, p_amounts, numbers)
      WITH ORDINALITY AS g (key, period, word, day, amount, number, place)
  ), new AS (
    INSERT INTO header (ledger_id, period_id, word, number, entry_date, kind, state, source,
        summary, total, maker_id, checker_id, poster_id, submitted_at, approved_at, posted_at,
        review_note, idempotency_key, payload_hash, content_hash, version, created_at,
        updated_at, updated_by_id)
      SELECT p_ledger, period, word, number, day, 'ordinary', 'posted', 'system',
        'Invoice 2026-0815, office', amount, p_maker, p_checker, p_poster, clock_timestamp(),
        clock_timestamp(), clock_timestamp(), '', key, p_hash, p_hash, 1, clock_timestamp(),
        clock_timestamp(), p_poster
      FROM given ORDER BY place RETURNING id
  )
  SELECT array_agg(id ORDER BY id) INTO made FROM new;

  INSERT INTO line (ledger_id, entry_id, position, entry_date, account_id, dimension_set_id,
      side, currency_id, amount, rate, base_amount, summary)
    SELECT p_ledger, made[g.place], s.position, g.day,
      CASE s.position WHEN 1 THEN g.debit ELSE g.credit END, NULL, s.side, 'CNY',
      s.side * g.amount, 1, s.side * g.amount, 'Invoice 2026-0815, office'
    FROM unnest(p_days, p_debits, p_credits, p_amounts)
      WITH ORDINALITY AS g (day, debit, credit, amount, place),
      (VALUES (1, 1), (2, -1)) AS s (position, side);

  INSERT INTO log (operation_id, kind, action, actor_id, actor_name, organization_id,
      resource_type, resource_id, before, after, reason, trace_id, database_user, at)
    SELECT gen_random_uuid(), 'journal_entry.post', 'insert', p_poster, 'bench-senior', 1,
      'ledgers_journalentry', id::text, NULL, p_logged, '', md5(p_keys[1]), session_user,
      clock_timestamp()
    FROM unnest(made) AS id;

  INSERT INTO event (event_id, topic, key, partition, organization_id, body, checksum, trace_id,
      occurred_at, key_id)
    SELECT gen_random_uuid(), 'journal_entry.posted', 'entry:' || id, id & 7, 1, p_body,
      decode(p_hash, 'hex'), md5(p_keys[1]), clock_timestamp(), ''
    FROM unnest(made) AS id;

  INSERT INTO balance AS b (ledger_id, period_id, account_id, dimension_set_id, currency_id,
      bucket, debit, credit, base_debit, base_credit, version)
    SELECT p_ledger, g.period, x.account, NULL, 'CNY', 0, sum(x.debit), sum(x.credit),
      sum(x.debit), sum(x.credit), 1
    FROM unnest(p_periods, p_debits, p_credits, p_amounts) AS g (period, debit, credit, amount),
      LATERAL (VALUES (g.debit, g.amount, 0), (g.credit, 0, g.amount))
        AS x (account, debit, credit)
    GROUP BY 2, 3 ORDER BY 2, 3
    ON CONFLICT (ledger_id, period_id, account_id, dimension_set_id, currency_id, bucket)
    DO UPDATE SET debit = b.debit + excluded.debit, credit = b.credit + excluded.credit,
      base_debit = b.base_debit + excluded.base_debit,
      base_credit = b.base_credit + excluded.base_credit, version = b.version + 1;

  INSERT INTO total AS t (ledger_id, period_id, account_id, bucket, debit, credit, line_count,
      version)
    SELECT p_ledger, g.period, x.account, 0, sum(x.debit), sum(x.credit), count(*), 1
    FROM unnest(p_periods, p_debits, p_credits, p_amounts) AS g (period, debit, credit, amount),
      LATERAL (VALUES (g.debit, g.amount, 0), (g.credit, 0, g.amount))
        AS x (account, debit, credit)
    GROUP BY 2, 3 ORDER BY 2, 3
    ON CONFLICT (ledger_id, period_id, account_id, bucket)
    DO UPDATE SET debit = t.debit + excluded.debit, credit = t.credit + excluded.credit,
      line_count = t.line_count + excluded.line_count, version = t.version + 1;

  RETURN cardinality(made);
END $$;
RESET search_path;
