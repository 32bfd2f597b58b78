-- The posting path in three statements: look up and number, write, add to the balances.
--
-- What is looked up and numbered is narrow, and what is written comes straight from the call:
-- a statement costs by the columns that each of its steps hands on. See posting.sql for the
-- order of locks, for plans that are kept, and for the SQLSTATEs.

CREATE OR REPLACE FUNCTION ledgers_add_to_balances(ids bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE guarded bigint[]; bad record;
BEGIN
  -- In one order for both tables, which is sorted once.
  WITH moved AS MATERIALIZED (
    SELECT e.ledger_id, e.period_id, l.account_id,
      ledgers_bucket(coalesce((SELECT o.kind FROM ledgers_journalentry o
        WHERE o.id = e.reversal_of_id), e.kind)) AS bucket,
      l.dimension_set_id, l.currency_id,
      coalesce(sum(l.amount) FILTER (WHERE l.side = 1), 0) AS debit,
      coalesce(-sum(l.amount) FILTER (WHERE l.side = -1), 0) AS credit,
      sum(l.debit) AS base_debit, sum(l.credit) AS base_credit, count(*) AS lines
    FROM ledgers_journalentry e
    JOIN ledgers_journalline l ON l.entry_id = e.id
    WHERE e.id = ANY (ids)
    GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6
  ), totals AS (
    INSERT INTO ledgers_accounttotal AS t (ledger_id, period_id, account_id, bucket, debit,
        credit, line_count, version)
      SELECT ledger_id, period_id, account_id, bucket, sum(base_debit), sum(base_credit),
        sum(lines), 1
      FROM moved GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
      ON CONFLICT (ledger_id, period_id, account_id, bucket)
      DO UPDATE SET debit = t.debit + excluded.debit, credit = t.credit + excluded.credit,
        line_count = t.line_count + excluded.line_count, version = t.version + 1
  ), balances AS (
    INSERT INTO ledgers_accountbalance AS b (ledger_id, period_id, account_id, bucket,
        dimension_set_id, currency_id, debit, credit, base_debit, base_credit, version)
      SELECT ledger_id, period_id, account_id, bucket, dimension_set_id, currency_id, debit,
        credit, base_debit, base_credit, 1
      FROM moved ORDER BY 1, 2, 3, 4, 5, 6
      ON CONFLICT (ledger_id, period_id, account_id, dimension_set_id, currency_id, bucket)
      DO UPDATE SET debit = b.debit + excluded.debit, credit = b.credit + excluded.credit,
        base_debit = b.base_debit + excluded.base_debit,
        base_credit = b.base_credit + excluded.base_credit, version = b.version + 1
  )
  SELECT array_agg(m.account_id) INTO guarded FROM moved m
    WHERE (SELECT a.guard FROM ledgers_account a WHERE a.id = m.account_id) <> 'none';
  IF guarded IS NULL THEN
    RETURN;
  END IF;
  PERFORM pg_advisory_xact_lock((2::bigint << 60) | account_id)
    FROM (SELECT DISTINCT unnest(guarded) AS account_id ORDER BY 1) accounts;
  SELECT a.code INTO bad FROM ledgers_accounttotal t JOIN ledgers_account a ON a.id = t.account_id
    WHERE t.account_id = ANY (guarded)
      AND t.ledger_id IN (SELECT ledger_id FROM ledgers_journalentry WHERE id = ANY (ids))
    GROUP BY t.ledger_id, a.id
    HAVING (a.guard = 'no_credit' AND sum(t.debit) < sum(t.credit))
      OR (a.guard = 'no_debit' AND sum(t.debit) > sum(t.credit)) LIMIT 1;
  IF FOUND THEN
    PERFORM ledgers_refuse('FM011', format('account %s would change its side', bad.code),
      json_build_object('account', bad.code));
  END IF;
END $$;

-- As before, but that the entries come in the order of ledger and key, in which they are
-- written: two calls with the same keys then never wait for each other in a circle. `place`
-- counts them as the caller gave them, from 1, and numbers are given in its order.
CREATE OR REPLACE FUNCTION ledgers_post_new(poster bigint, context text, entries jsonb)
RETURNS TABLE (place integer, entry_id bigint, entry_number integer, is_replay boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET plan_cache_mode = force_generic_plan SET jit = off
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET enable_memoize = off SET enable_material = off SET enable_incremental_sort = off AS $$
DECLARE periods bigint[]; policies bigint[]; known bigint[]; ids bigint[]; numbers integer[];
  old_numbers integer[]; lost_day date; misused_key text; now timestamptz := clock_timestamp();
BEGIN
  context := set_config('app.context', context, true);

  WITH heads AS MATERIALIZED (
    SELECT h.place, h.ledger_id, h.word, p.id AS period_id, f.id AS policy_id, e.id AS known,
      e.number AS old_number,
      CASE WHEN p.id IS NULL THEN h.entry_date END AS lost_day,
      CASE WHEN e.payload_hash <> h.payload_hash THEN h.key END AS misused_key
    FROM jsonb_to_recordset(entries) AS h (
      place integer, ledger_id bigint, key text, payload_hash text, word text, entry_date date,
      kind text)
    -- An adjustment goes into the adjustment period of its day, all else into the month.
    LEFT JOIN ledgers_period p ON p.ledger_id = h.ledger_id
      AND h.entry_date BETWEEN p.starts_on AND p.ends_on
      AND p.is_adjustment = (h.kind = 'adjustment')
    LEFT JOIN ledgers_ledger g ON g.id = h.ledger_id
    -- At most one: the confirmed policies of an organization do not overlap.
    LEFT JOIN policies_financepolicy f ON f.organization_id = g.organization_id
      AND f.state = 'confirmed' AND h.entry_date >= f.effective_from
      AND h.entry_date <= coalesce(f.effective_to, 'infinity')
    LEFT JOIN ledgers_journalentry e ON e.ledger_id = h.ledger_id AND e.idempotency_key = h.key
  ), counted AS (
    INSERT INTO ledgers_entrycounter AS c (ledger_id, period_id, word, last_number)
      SELECT s.ledger_id, s.period_id, s.word, count(*) FROM heads s
      WHERE s.known IS NULL AND s.period_id IS NOT NULL GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    ON CONFLICT (ledger_id, period_id, word)
      DO UPDATE SET last_number = c.last_number + excluded.last_number
    RETURNING c.ledger_id, c.period_id, c.word, c.last_number
  )
  SELECT array_agg(n.period_id ORDER BY n.place), array_agg(n.policy_id ORDER BY n.place),
      array_agg(n.known ORDER BY n.place), array_agg(n.old_number ORDER BY n.place),
      array_agg(n.number ORDER BY n.place), min(n.lost_day), min(n.misused_key),
      array_agg(CASE WHEN n.number > 0 THEN nextval('ledgers_journalentry_id_seq') END
        ORDER BY n.place)
    INTO periods, policies, known, old_numbers, numbers, lost_day, misused_key, ids
    FROM (
      SELECT h.*, c.last_number + 1 - row_number() OVER (PARTITION BY h.ledger_id, h.period_id,
        h.word, h.known IS NULL ORDER BY h.place DESC) AS number
      FROM heads h LEFT JOIN counted c ON c.ledger_id = h.ledger_id
        AND c.period_id = h.period_id AND c.word = h.word AND h.known IS NULL
    ) n;
  IF lost_day IS NOT NULL THEN
    PERFORM ledgers_refuse('FM010', format('no period contains %s', lost_day),
      json_build_object('date', lost_day));
  ELSIF misused_key IS NOT NULL THEN
    PERFORM ledgers_refuse('FM009', 'the key was used with another content',
      json_build_object('key', misused_key));
  END IF;

  IF array_remove(ids, NULL) <> '{}' THEN
    WITH new_entries AS (
      INSERT INTO ledgers_journalentry (id, ledger_id, period_id, word, number, entry_date,
          kind, state, source, summary, total, maker_id, checker_id, poster_id, submitted_at,
          approved_at, posted_at, review_note, idempotency_key, payload_hash, content_hash,
          policy_id, version, created_at, updated_at, updated_by_id)
        SELECT ids[h.place], h.ledger_id, periods[h.place], h.word, numbers[h.place],
          h.entry_date, h.kind, 'posted', h.source, h.summary, h.total, h.maker_id,
          h.checker_id, poster, now, now, now, '', h.key, h.payload_hash,
          ledgers_hash_of(ledgers_header_text(h.ledger_id, h.entry_date, h.word, h.kind,
            h.summary, NULL, h.maker_id), (
              SELECT string_agg(ledgers_line_text(l.position, l.account_id, l.dimension_set_id,
                l.side, l.currency, l.amount, l.rate, l.base_amount, l.summary), E'\n')
              FROM jsonb_to_recordset(h.lines) AS l (
                position integer, account_id bigint, dimension_set_id bigint, side smallint,
                currency text, amount numeric(20, 4), rate numeric(20, 10),
                base_amount numeric(20, 4), summary text))),
          policies[h.place], 1, now, now, poster
        FROM jsonb_to_recordset(entries) AS h (
          place integer, ledger_id bigint, key text, payload_hash text, word text,
          entry_date date, kind text, source text, summary text, total numeric(20, 4),
          maker_id bigint, checker_id bigint, lines jsonb)
        WHERE ids[h.place] IS NOT NULL
    )
    INSERT INTO ledgers_journalline (ledger_id, entry_id, position, entry_date, account_id,
        dimension_set_id, side, currency_id, amount, rate, base_amount, summary, rate_per,
        rate_type, rate_source, rate_on, rate_ids)
      SELECT h.ledger_id, ids[h.place], l.position, h.entry_date, l.account_id,
        l.dimension_set_id, l.side, l.currency, l.amount, l.rate, l.base_amount, l.summary,
        coalesce(l.rate_per, 1), coalesce(l.rate_type, ''), coalesce(l.rate_source, ''),
        l.rate_on, l.rate_ids
      FROM jsonb_to_recordset(entries) AS h (
          place integer, ledger_id bigint, entry_date date, lines jsonb),
        jsonb_to_recordset(h.lines) AS l (
          position integer, account_id bigint, dimension_set_id bigint, side smallint,
          currency text, amount numeric(20, 4), rate numeric(20, 10), base_amount numeric(20, 4),
          summary text, rate_per smallint, rate_type text, rate_source text, rate_on date,
          rate_ids bigint[])
      WHERE ids[h.place] IS NOT NULL;
    -- An expression, not a statement of its own.
    IF ledgers_add_to_balances(array_remove(ids, NULL)) IS NULL THEN NULL; END IF;
  END IF;

  FOR i IN 1 .. coalesce(cardinality(ids), 0) LOOP
    place := i;
    is_replay := known[i] IS NOT NULL;
    entry_id := coalesce(known[i], ids[i]);
    entry_number := coalesce(old_numbers[i], numbers[i]);
    RETURN NEXT;
  END LOOP;
END $$;
