-- Posting one entry alone, as most are: it is numbered by an INSERT of one row, because to start
-- what sorts and groups costs more than to write the row. See posting.sql for the order of locks
-- and for the SQLSTATEs, posting_in_few_statements.sql for the rest.

-- Number the entries of a call: `numbers` by place, with those of entries that were there
-- before, which have no id here.
CREATE FUNCTION ledgers_number_entries(
  ids bigint[], ledgers bigint[], periods bigint[], words text[], numbers integer[]
) RETURNS integer[] LANGUAGE sql AS $$
  WITH wanted AS MATERIALIZED (
    SELECT n.* FROM unnest(ids, ledgers, periods, words, numbers) WITH ORDINALITY
      AS n (id, ledger_id, period_id, word, number, place)
  ), counted AS (
    INSERT INTO ledgers_entrycounter AS c (ledger_id, period_id, word, last_number)
      SELECT w.ledger_id, w.period_id, w.word, count(*) FROM wanted w
      WHERE w.id IS NOT NULL GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    ON CONFLICT (ledger_id, period_id, word)
      DO UPDATE SET last_number = c.last_number + excluded.last_number
    RETURNING c.ledger_id, c.period_id, c.word, c.last_number
  )
  SELECT array_agg(coalesce(n.number, n.new_number)::integer ORDER BY n.place) FROM (
    SELECT w.number, w.place, c.last_number + 1 - row_number() OVER (PARTITION BY w.ledger_id,
      w.period_id, w.word, w.id IS NULL ORDER BY w.place DESC) AS new_number
    FROM wanted w LEFT JOIN counted c ON c.ledger_id = w.ledger_id
      AND c.period_id = w.period_id AND c.word = w.word AND w.id IS NOT NULL
  ) n
$$;

-- Make entries and post them, in one go; see posting.sql for what it is given.
--
-- The entries come in the order of ledger and key, in which they are written: two calls with the
-- same keys then never wait for each other in a circle. `place` counts them as the caller gave
-- them, from 1, and numbers are given in its order.
--
-- It returns for each entry, by place, three numbers in a row: its key, its number, and 1 if it
-- was there before, else 0. A set of rows costs more to hand over.
DROP FUNCTION ledgers_post_new(bigint, text, jsonb);
CREATE FUNCTION ledgers_post_new(poster bigint, context text, entries jsonb) RETURNS bigint[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET plan_cache_mode = force_generic_plan SET jit = off
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET enable_memoize = off SET enable_material = off SET enable_incremental_sort = off AS $$
DECLARE ledgers bigint[]; periods bigint[]; words text[]; policies bigint[]; known bigint[];
  ids bigint[]; made bigint[]; numbers integer[]; last integer; lost_day date; misused_key text;
  result bigint[] := '{}'; now timestamptz := clock_timestamp();
BEGIN
  context := set_config('app.context', context, true);

  SELECT array_agg(h.ledger_id ORDER BY h.place), array_agg(p.id ORDER BY h.place),
      array_agg(h.word ORDER BY h.place), array_agg(f.id ORDER BY h.place),
      array_agg(e.id ORDER BY h.place), array_agg(e.number ORDER BY h.place),
      min(h.entry_date) FILTER (WHERE p.id IS NULL),
      min(h.key) FILTER (WHERE e.payload_hash <> h.payload_hash),
      array_agg(CASE WHEN e.id IS NULL THEN nextval('ledgers_journalentry_id_seq') END
        ORDER BY h.place)
    INTO ledgers, periods, words, policies, known, numbers, lost_day, misused_key, ids
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
    LEFT JOIN ledgers_journalentry e ON e.ledger_id = h.ledger_id AND e.idempotency_key = h.key;
  IF lost_day IS NOT NULL THEN
    PERFORM ledgers_refuse('FM010', format('no period contains %s', lost_day),
      json_build_object('date', lost_day));
  ELSIF misused_key IS NOT NULL THEN
    PERFORM ledgers_refuse('FM009', 'the key was used with another content',
      json_build_object('key', misused_key));
  END IF;

  made := array_remove(ids, NULL);
  IF made <> '{}' THEN
    IF cardinality(ids) = 1 THEN
      -- One alone, as most are: there is nothing to sort.
      INSERT INTO ledgers_entrycounter AS c (ledger_id, period_id, word, last_number)
        VALUES (ledgers[1], periods[1], words[1], 1)
        ON CONFLICT (ledger_id, period_id, word) DO UPDATE SET last_number = c.last_number + 1
        RETURNING c.last_number INTO last;
      numbers[1] := last;
    ELSE
      numbers := ledgers_number_entries(ids, ledgers, periods, words, numbers);
    END IF;

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
    IF ledgers_add_to_balances(made) IS NULL THEN NULL; END IF;
  END IF;

  FOR i IN 1 .. coalesce(cardinality(ids), 0) LOOP
    result[3 * i - 2] := coalesce(known[i], ids[i]);
    result[3 * i - 1] := numbers[i];
    result[3 * i] := CASE WHEN known[i] IS NULL THEN 0 ELSE 1 END;
  END LOOP;
  RETURN result;
END $$;
