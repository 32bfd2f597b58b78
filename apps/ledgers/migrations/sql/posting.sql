-- The posting path: one way into the balances, for one entry or ten thousand.
--
-- The order is what matters: counters, entries with their lines, the gates of their periods
-- (in the guard), totals, balances. Rows that many postings share are taken as late as they can be, always
-- in the order of their keys, so that they are held for the shortest time and two postings
-- never wait for each other in a circle.
--
-- The functions run as their owner: the role of the application may read balances and
-- counters but not write them.
--
-- A session keeps the plans of `ledgers_post_new` and of the guards below it, made once
-- without looking at values: to plan anew would take longer than to post. Such a plan must
-- not read through a table that was small when it was made, so rows are looked up by key.
--
-- SQLSTATE   meaning
-- FM009      an idempotency key came again with another content
-- FM010      no period contains the date
-- FM015      an entry is no longer at the version that the poster saw
-- FM011      a guarded account would stand on its forbidden side

-- What is hashed: arrays of texts, so that no setting of a session changes them.
CREATE FUNCTION ledgers_header_text(
  ledger bigint, day date, word text, kind text, summary text, reversal_of bigint, maker bigint
) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT json_build_array(ledger::text, to_char(day, 'YYYY-MM-DD'), word, kind, summary,
    coalesce(reversal_of::text, ''), maker::text)::text
$$;

CREATE FUNCTION ledgers_line_text(
  place integer, account bigint, dimensions bigint, side smallint, currency text,
  amount numeric, rate numeric, base numeric, summary text
) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT json_build_array(place::text, account::text, coalesce(dimensions::text, ''),
    side::text, currency, amount::text, rate::text, base::text, summary)::text
$$;

CREATE FUNCTION ledgers_hash_of(header text, lines text) RETURNS text
LANGUAGE sql STABLE AS $$
  SELECT encode(sha256(convert_to(concat_ws(E'\n', header, lines), 'UTF8')), 'hex')
$$;

CREATE FUNCTION ledgers_content_hashes(ids bigint[])
RETURNS TABLE (entry_id bigint, content_hash text) LANGUAGE sql STABLE AS $$
  SELECT e.id, ledgers_hash_of(
      ledgers_header_text(e.ledger_id, e.entry_date, e.word, e.kind, e.summary,
        e.reversal_of_id, e.maker_id),
      string_agg(ledgers_line_text(l.position, l.account_id, l.dimension_set_id, l.side,
        l.currency_id, l.amount, l.rate, l.base_amount, l.summary), E'\n' ORDER BY l.position))
  FROM ledgers_journalentry e LEFT JOIN ledgers_journalline l ON l.entry_id = e.id
  WHERE e.id = ANY (ids)
  GROUP BY e.id
$$;

CREATE FUNCTION ledgers_bucket(kind text) RETURNS smallint LANGUAGE sql IMMUTABLE AS $$
  SELECT (CASE kind WHEN 'opening' THEN 1 WHEN 'profit_transfer' THEN 9
    WHEN 'year_end' THEN 9 ELSE 0 END)::smallint
$$;

-- Add the lines of entries to totals and balances. A guarded account is locked until the
-- commit once it was moved, so that of two who move it the second sees what the first did.
CREATE FUNCTION ledgers_add_to_balances(ids bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE guarded bigint[]; bad record;
BEGIN
  WITH moved AS MATERIALIZED (
    SELECT e.ledger_id, e.period_id, l.account_id, l.dimension_set_id, l.currency_id,
      ledgers_bucket(coalesce(o.kind, e.kind)) AS bucket,
      coalesce(sum(l.amount) FILTER (WHERE l.side = 1), 0) AS debit,
      coalesce(-sum(l.amount) FILTER (WHERE l.side = -1), 0) AS credit,
      sum(l.debit) AS base_debit, sum(l.credit) AS base_credit, count(*) AS lines
    FROM ledgers_journalentry e
    JOIN ledgers_journalline l ON l.entry_id = e.id
    LEFT JOIN ledgers_journalentry o ON o.id = e.reversal_of_id
    WHERE e.id = ANY (ids)
    GROUP BY 1, 2, 3, 4, 5, 6
  ), totals AS (
    INSERT INTO ledgers_accounttotal AS t (ledger_id, period_id, account_id, bucket, debit,
        credit, line_count, version)
      SELECT ledger_id, period_id, account_id, bucket, sum(base_debit), sum(base_credit),
        sum(lines), 1
      FROM moved GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
      ON CONFLICT (ledger_id, period_id, account_id, bucket)
      DO UPDATE SET debit = t.debit + excluded.debit, credit = t.credit + excluded.credit,
        line_count = t.line_count + excluded.line_count, version = t.version + 1
      RETURNING t.account_id
  ), balances AS (
    INSERT INTO ledgers_accountbalance AS b (ledger_id, period_id, account_id,
        dimension_set_id, currency_id, bucket, debit, credit, base_debit, base_credit, version)
      SELECT ledger_id, period_id, account_id, dimension_set_id, currency_id, bucket, debit,
        credit, base_debit, base_credit, 1
      FROM moved ORDER BY 1, 2, 3, 4, 5, 6
      ON CONFLICT (ledger_id, period_id, account_id, dimension_set_id, currency_id, bucket)
      DO UPDATE SET debit = b.debit + excluded.debit, credit = b.credit + excluded.credit,
        base_debit = b.base_debit + excluded.base_debit,
        base_credit = b.base_credit + excluded.base_credit, version = b.version + 1
  )
  SELECT array_agg(DISTINCT a.id ORDER BY a.id) INTO guarded
    FROM totals t JOIN ledgers_account a ON a.id = t.account_id WHERE a.guard <> 'none';
  IF guarded IS NULL THEN
    RETURN;
  END IF;
  PERFORM pg_advisory_xact_lock((2::bigint << 60) | account_id)
    FROM unnest(guarded) AS account_id;
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

-- Post entries that people approved, at the versions that the poster saw.
CREATE FUNCTION ledgers_post_approved(
  ids bigint[], versions integer[], poster bigint, context text
)
RETURNS TABLE (entry_id bigint, entry_number integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE bad record;
BEGIN
  PERFORM set_config('app.context', context, true);
  PERFORM 1 FROM ledgers_journalentry WHERE id = ANY (ids) ORDER BY id FOR NO KEY UPDATE;
  SELECT e.id, e.state INTO bad FROM ledgers_journalentry e
    WHERE e.id = ANY (ids) AND e.state <> 'approved' LIMIT 1;
  IF FOUND THEN
    PERFORM ledgers_refuse('FM003', format('no step leads from %s to posted', bad.state),
      json_build_object('entry', bad.id, 'from', bad.state, 'to', 'posted'));
  END IF;
  SELECT e.id INTO bad FROM unnest(ids, versions) AS seen (id, version)
    LEFT JOIN ledgers_journalentry e ON e.id = seen.id AND e.version = seen.version
    WHERE e.id IS NULL LIMIT 1;
  IF FOUND THEN
    PERFORM ledgers_refuse('FM015', 'an entry changed after it was seen');
  END IF;

  RETURN QUERY
  WITH wanted AS (
    SELECT e.id, e.ledger_id, e.period_id, e.word, row_number() OVER (
      PARTITION BY e.ledger_id, e.period_id, e.word ORDER BY given.place) AS place
    FROM unnest(ids) WITH ORDINALITY AS given (id, place)
    JOIN ledgers_journalentry e ON e.id = given.id
  ), sizes AS (
    SELECT w.ledger_id, w.period_id, w.word, count(*) AS size FROM wanted w GROUP BY 1, 2, 3
  ), counted AS (
    INSERT INTO ledgers_entrycounter AS c (ledger_id, period_id, word, last_number)
      SELECT s.ledger_id, s.period_id, s.word, s.size FROM sizes s ORDER BY 1, 2, 3
    ON CONFLICT (ledger_id, period_id, word)
      DO UPDATE SET last_number = c.last_number + excluded.last_number
    RETURNING c.ledger_id, c.period_id, c.word, c.last_number
  )
  UPDATE ledgers_journalentry e
    SET state = 'posted', poster_id = poster, posted_at = clock_timestamp(),
      number = c.last_number - s.size + w.place, version = e.version + 1,
      updated_at = clock_timestamp(), updated_by_id = poster
    FROM wanted w JOIN counted c USING (ledger_id, period_id, word)
      JOIN sizes s USING (ledger_id, period_id, word)
    WHERE e.id = w.id
    RETURNING e.id, e.number;
  PERFORM ledgers_add_to_balances(ids);
END $$;

-- Make entries and post them, in one go. `entries` is an array of objects, one for each
-- entry with its lines inside; `place` counts from 1. An entry whose key exists already is
-- not made again: its number is returned, or FM009 raised when the content is another.
--
-- Of two calls with one new key at the same time the second fails with a unique violation
-- when the first commits, and finds the entry when it is made again.
CREATE FUNCTION ledgers_post_new(poster bigint, context text, entries jsonb)
RETURNS TABLE (place integer, entry_id bigint, entry_number integer, is_replay boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET plan_cache_mode = force_generic_plan SET jit = off
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE periods bigint[]; policies bigint[]; known bigint[]; lost_day date; misused_key text;
  made bigint[]; places integer[]; numbers integer[];
BEGIN
  PERFORM set_config('app.context', context, true);
  SELECT array_agg(p.id ORDER BY h.place), array_agg(f.id ORDER BY h.place),
      array_agg(e.id ORDER BY h.place),
      min(h.entry_date) FILTER (WHERE p.id IS NULL),
      min(h.key) FILTER (WHERE e.payload_hash <> h.payload_hash)
    INTO periods, policies, known, lost_day, misused_key
    FROM jsonb_to_recordset(entries) AS h (
      place integer, ledger_id bigint, key text, payload_hash text, entry_date date, kind text)
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

  WITH heads AS MATERIALIZED (
    SELECT h.*, periods[h.place] AS period_id, policies[h.place] AS policy_id,
      clock_timestamp() AS now,
      nextval('ledgers_journalentry_id_seq') AS id
    FROM jsonb_to_recordset(entries) AS h (
      place integer, ledger_id bigint, key text, payload_hash text, word text, entry_date date,
      kind text, source text, summary text, total numeric(20, 4), maker_id bigint,
      checker_id bigint, lines jsonb)
    WHERE known[h.place] IS NULL
  ), sizes AS (
    SELECT h.ledger_id, h.period_id, h.word, count(*) AS size FROM heads h GROUP BY 1, 2, 3
  ), counted AS (
    INSERT INTO ledgers_entrycounter AS c (ledger_id, period_id, word, last_number)
      SELECT s.ledger_id, s.period_id, s.word, s.size FROM sizes s ORDER BY 1, 2, 3
    ON CONFLICT (ledger_id, period_id, word)
      DO UPDATE SET last_number = c.last_number + excluded.last_number
    RETURNING c.ledger_id, c.period_id, c.word, c.last_number
  ), numbered AS (
    SELECT h.*, c.last_number + 1 - row_number() OVER (
      PARTITION BY h.ledger_id, h.period_id, h.word ORDER BY h.place DESC) AS number
    FROM heads h JOIN counted c USING (ledger_id, period_id, word)
  ), new_entries AS (
    INSERT INTO ledgers_journalentry (id, ledger_id, period_id, word, number, entry_date, kind,
        state, source, summary, total, maker_id, checker_id, poster_id, submitted_at,
        approved_at, posted_at, review_note, idempotency_key, payload_hash, content_hash,
        policy_id, version, created_at, updated_at, updated_by_id)
      SELECT n.id, n.ledger_id, n.period_id, n.word, n.number, n.entry_date, n.kind, 'posted',
        n.source, n.summary, n.total, n.maker_id, n.checker_id, poster, n.now, n.now, n.now, '',
        n.key, n.payload_hash, ledgers_hash_of(ledgers_header_text(n.ledger_id, n.entry_date,
          n.word, n.kind, n.summary, NULL, n.maker_id), l.texts),
        n.policy_id, 1, n.now, n.now, poster
      FROM numbered n CROSS JOIN LATERAL (
        SELECT string_agg(ledgers_line_text(l.position, l.account_id, l.dimension_set_id, l.side,
          l.currency, l.amount, l.rate, l.base_amount, l.summary), E'\n') AS texts
        FROM jsonb_to_recordset(n.lines) AS l (
          position integer, account_id bigint, dimension_set_id bigint, side smallint,
          currency text, amount numeric(20, 4), rate numeric(20, 10),
          base_amount numeric(20, 4), summary text)) l
      ORDER BY n.ledger_id, n.key
      RETURNING id, number
  ), new_lines AS (
    INSERT INTO ledgers_journalline (ledger_id, entry_id, position, entry_date, account_id,
        dimension_set_id, side, currency_id, amount, rate, base_amount, summary, rate_per,
        rate_type, rate_source, rate_on, rate_ids)
      SELECT h.ledger_id, h.id, l.position, h.entry_date, l.account_id, l.dimension_set_id,
        l.side, l.currency, l.amount, l.rate, l.base_amount, l.summary,
        coalesce(l.rate_per, 1), coalesce(l.rate_type, ''), coalesce(l.rate_source, ''),
        l.rate_on, l.rate_ids
      FROM heads h, jsonb_to_recordset(h.lines) AS l (
        position integer, account_id bigint, dimension_set_id bigint, side smallint,
        currency text, amount numeric(20, 4), rate numeric(20, 10), base_amount numeric(20, 4),
        summary text, rate_per smallint, rate_type text, rate_source text, rate_on date,
        rate_ids bigint[])
  )
  SELECT array_agg(h.place), array_agg(e.id), array_agg(e.number) INTO places, made, numbers
    FROM heads h JOIN new_entries e ON e.id = h.id;
  IF made IS NOT NULL THEN
    PERFORM ledgers_add_to_balances(made);
  END IF;

  RETURN QUERY SELECT n.place, n.id, n.number, false
    FROM unnest(places, made, numbers) AS n (place, id, number);
  IF cardinality(array_remove(known, NULL)) > 0 THEN
    RETURN QUERY SELECT k.place::integer, e.id, e.number, true
      FROM unnest(known) WITH ORDINALITY AS k (id, place)
      JOIN ledgers_journalentry e ON e.id = k.id;
  END IF;
END $$;
