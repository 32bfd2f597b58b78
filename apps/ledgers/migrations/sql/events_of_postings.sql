-- Postings tell of themselves: each entry that is posted writes its event in the statement that
-- makes it, or beside it for many, and each reversal one more under the key of the entry that it
-- reverses. The relay signs them (apps/events/services/sequencing.py); row and checksum come
-- together.
--
-- An entry that comes alone, as most do, is posted by a function of its own: sets of one row cost
-- more to look up, number and write than the row itself. See posting_by_type.sql for what both
-- are given, posting.sql for the order of locks, for plans that are kept, and for the SQLSTATEs.

-- Canonical JSON: keys sorted, no spaces, amounts as whole numbers of minor units. The lines are
-- not in it: posted lines never change, and the hash of the content stands for them.
CREATE FUNCTION ledgers_posted_body(
  content_hash text, currency text, entry_date date, entry bigint, kind text, ledger text,
  ledger_id bigint, number integer, period bigint, poster bigint, reversal_of bigint,
  source text, total numeric, digits smallint, word text
) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT '{"content_hash":"' || content_hash || '","currency":"' || currency
    || '","entry_date":"' || to_char(entry_date, 'YYYY-MM-DD')
    || '","entry_id":' || entry || ',"kind":"' || kind
    || '","ledger":' || to_json(ledger) || ',"ledger_id":' || ledger_id
    || ',"number":' || number || ',"period_id":' || period
    || ',"poster_id":' || poster
    || ',"reversal_of_id":' || coalesce(reversal_of::text, 'null')
    || ',"source":"' || source || '","total_minor":'
    || trunc(total * ('{1,10,100,1000,10000}'::numeric[])[digits + 1])
    || ',"word":"' || word || '"}'
$$;

-- Make one entry and post it. It returns three numbers: its key, its number, and 1 if it was
-- there before, else 0.
CREATE FUNCTION ledgers_post_one(poster bigint, context text, entry jsonb) RETURNS bigint[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET plan_cache_mode = force_generic_plan SET jit = off
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET enable_memoize = off SET enable_material = off SET enable_incremental_sort = off AS $$
DECLARE n ledgers_new_entry := jsonb_populate_record(NULL::ledgers_new_entry, entry);
  seen record; new_id bigint; new_number integer; now timestamptz := clock_timestamp();
BEGIN
  context := set_config('app.context', context, true);

  SELECT p.id AS period_id, f.id AS policy_id, e.id, e.number, e.payload_hash, g.code,
      g.organization_id, g.base_currency_id, c.minor_digits INTO seen
    FROM ledgers_ledger g
    JOIN organizations_currency c ON c.code = g.base_currency_id
    -- An adjustment goes into the adjustment period of its day, all else into the month.
    LEFT JOIN ledgers_period p ON p.ledger_id = g.id
      AND n.entry_date BETWEEN p.starts_on AND p.ends_on
      AND p.is_adjustment = (n.kind = 'adjustment')
    -- At most one: the confirmed policies of an organization do not overlap.
    LEFT JOIN policies_financepolicy f ON f.organization_id = g.organization_id
      AND f.state = 'confirmed' AND n.entry_date >= f.effective_from
      AND n.entry_date <= coalesce(f.effective_to, 'infinity')
    LEFT JOIN ledgers_journalentry e ON e.ledger_id = g.id AND e.idempotency_key = n.key
    WHERE g.id = n.ledger_id;
  IF seen.period_id IS NULL THEN
    PERFORM ledgers_refuse('FM010', format('no period contains %s', n.entry_date),
      json_build_object('date', n.entry_date));
  ELSIF seen.payload_hash <> n.payload_hash THEN
    PERFORM ledgers_refuse('FM009', 'the key was used with another content',
      json_build_object('key', n.key));
  ELSIF seen.id IS NOT NULL THEN
    RETURN ARRAY[seen.id, seen.number, 1];
  END IF;

  new_id := nextval('ledgers_journalentry_id_seq');
  INSERT INTO ledgers_entrycounter AS c (ledger_id, period_id, word, last_number)
    VALUES (n.ledger_id, seen.period_id, n.word, 1)
    ON CONFLICT (ledger_id, period_id, word) DO UPDATE SET last_number = c.last_number + 1
    RETURNING c.last_number INTO new_number;
  WITH new_entry AS (
    INSERT INTO ledgers_journalentry (id, ledger_id, period_id, word, number, entry_date,
        kind, state, source, summary, total, maker_id, checker_id, poster_id, submitted_at,
        approved_at, posted_at, review_note, idempotency_key, payload_hash, content_hash,
        policy_id, version, created_at, updated_at, updated_by_id)
      VALUES (new_id, n.ledger_id, seen.period_id, n.word, new_number, n.entry_date, n.kind,
        'posted', n.source, n.summary, n.total, n.maker_id, n.checker_id, poster, now, now,
        now, '', n.key, n.payload_hash, ledgers_hash_of_new(n), seen.policy_id, 1, now, now,
        poster)
      RETURNING content_hash
  ), told AS (
    INSERT INTO events_outboxevent (event_id, topic, key, partition, organization_id, body,
        checksum, trace_id, occurred_at, key_id)
      SELECT events_new_id(now), 'journal_entry.posted', w.key, events_partition_of(w.key),
        seen.organization_id, w.body, sha256(convert_to(w.body, 'UTF8')),
        coalesce(context::json ->> 'trace_id', ''), now, ''
      FROM (
        SELECT 'entry:' || new_id AS key, ledgers_posted_body(e.content_hash,
          seen.base_currency_id, n.entry_date, new_id, n.kind, seen.code, n.ledger_id,
          new_number, seen.period_id, poster, NULL, n.source, n.total, seen.minor_digits,
          n.word) AS body
        FROM new_entry e OFFSET 0
      ) w
  )
  INSERT INTO ledgers_journalline (ledger_id, entry_id, position, entry_date, account_id,
      dimension_set_id, side, currency_id, amount, rate, base_amount, summary, rate_per,
      rate_type, rate_source, rate_on, rate_ids)
    SELECT n.ledger_id, new_id, l.position, n.entry_date, l.account_id, l.dimension_set_id,
      l.side, l.currency, l.amount, l.rate, l.base_amount, l.summary, coalesce(l.rate_per, 1),
      coalesce(l.rate_type, ''), coalesce(l.rate_source, ''), l.rate_on, l.rate_ids
    FROM unnest(n.lines) AS l;
  -- An expression, not a statement of its own.
  IF ledgers_add_to_balances(ARRAY[new_id]) IS NULL THEN NULL; END IF;
  RETURN ARRAY[new_id, new_number, 0];
END $$;

-- Make entries and post them, in one go.
--
-- The entries come in the order of ledger and key, in which they are written: two calls with the
-- same keys then never wait for each other in a circle. Numbers are given in the order of places.
--
-- It returns for each entry, by place, three numbers in a row: see ledgers_post_one. A set of
-- rows costs more to hand over.
CREATE OR REPLACE FUNCTION ledgers_post_new(poster bigint, context text, entries jsonb)
RETURNS bigint[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET plan_cache_mode = force_generic_plan SET jit = off
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET enable_memoize = off SET enable_material = off SET enable_incremental_sort = off AS $$
DECLARE given ledgers_new_entry[]; ledgers bigint[]; periods bigint[]; words text[];
  policies bigint[]; known bigint[]; ids bigint[]; made bigint[]; numbers integer[];
  lost_day date; misused_key text; result bigint[] := '{}';
  now timestamptz := clock_timestamp();
BEGIN
  context := set_config('app.context', context, true);
  given := array(SELECT n FROM jsonb_populate_recordset(NULL::ledgers_new_entry, entries) AS n);

  SELECT array_agg(h.ledger_id ORDER BY h.place), array_agg(p.id ORDER BY h.place),
      array_agg(h.word ORDER BY h.place), array_agg(f.id ORDER BY h.place),
      array_agg(e.id ORDER BY h.place), array_agg(e.number ORDER BY h.place),
      min(h.entry_date) FILTER (WHERE p.id IS NULL),
      min(h.key) FILTER (WHERE e.payload_hash <> h.payload_hash),
      array_agg(CASE WHEN e.id IS NULL THEN nextval('ledgers_journalentry_id_seq') END
        ORDER BY h.place)
    INTO ledgers, periods, words, policies, known, numbers, lost_day, misused_key, ids
    FROM unnest(given) AS h
    -- As for one entry.
    LEFT JOIN ledgers_period p ON p.ledger_id = h.ledger_id
      AND h.entry_date BETWEEN p.starts_on AND p.ends_on
      AND p.is_adjustment = (h.kind = 'adjustment')
    LEFT JOIN ledgers_ledger g ON g.id = h.ledger_id
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
    numbers := ledgers_number_entries(ids, ledgers, periods, words, numbers);
    WITH new_entries AS (
      INSERT INTO ledgers_journalentry (id, ledger_id, period_id, word, number, entry_date,
          kind, state, source, summary, total, maker_id, checker_id, poster_id, submitted_at,
          approved_at, posted_at, review_note, idempotency_key, payload_hash, content_hash,
          policy_id, version, created_at, updated_at, updated_by_id)
        SELECT ids[h.place], h.ledger_id, periods[h.place], h.word, numbers[h.place],
          h.entry_date, h.kind, 'posted', h.source, h.summary, h.total, h.maker_id,
          h.checker_id, poster, now, now, now, '', h.key, h.payload_hash,
          ledgers_hash_of_new(h), policies[h.place], 1, now, now, poster
        FROM unnest(given) AS h WHERE ids[h.place] IS NOT NULL
    )
    INSERT INTO ledgers_journalline (ledger_id, entry_id, position, entry_date, account_id,
        dimension_set_id, side, currency_id, amount, rate, base_amount, summary, rate_per,
        rate_type, rate_source, rate_on, rate_ids)
      SELECT h.ledger_id, ids[h.place], l.position, h.entry_date, l.account_id,
        l.dimension_set_id, l.side, l.currency, l.amount, l.rate, l.base_amount, l.summary,
        coalesce(l.rate_per, 1), coalesce(l.rate_type, ''), coalesce(l.rate_source, ''),
        l.rate_on, l.rate_ids
      FROM unnest(given) AS h, unnest(h.lines) AS l
      WHERE ids[h.place] IS NOT NULL;
    PERFORM ledgers_tell_of_postings(made);
    IF ledgers_add_to_balances(made) IS NULL THEN NULL; END IF;
  END IF;

  FOR i IN 1 .. coalesce(cardinality(ids), 0) LOOP
    result[3 * i - 2] := coalesce(known[i], ids[i]);
    result[3 * i - 1] := numbers[i];
    result[3 * i] := CASE WHEN known[i] IS NULL THEN 0 ELSE 1 END;
  END LOOP;
  RETURN result;
END $$;

CREATE FUNCTION ledgers_tell_of_postings(ids bigint[]) RETURNS void LANGUAGE sql AS $$
  INSERT INTO events_outboxevent (event_id, topic, key, partition, organization_id, body,
      checksum, trace_id, occurred_at, key_id)
    SELECT events_new_id(w.posted_at), 'journal_entry.posted', w.key,
      events_partition_of(w.key), w.organization_id, w.body,
      sha256(convert_to(w.body, 'UTF8')),
      coalesce(nullif(current_setting('app.context', true), '')::json ->> 'trace_id', ''),
      w.posted_at, ''
    FROM (
      SELECT e.posted_at, g.organization_id, 'entry:' || e.id AS key,
        ledgers_posted_body(e.content_hash, c.code, e.entry_date, e.id, e.kind, g.code,
          e.ledger_id, e.number, e.period_id, e.poster_id, e.reversal_of_id, e.source, e.total,
          c.minor_digits, e.word) AS body
      FROM ledgers_journalentry e
      JOIN ledgers_ledger g ON g.id = e.ledger_id
      JOIN organizations_currency c ON c.code = g.base_currency_id
      WHERE e.id = ANY (ids) ORDER BY e.id
    ) w
$$;

-- Called where entries that people approved are posted: a reversal comes in no other way.
CREATE FUNCTION ledgers_tell_of_reversals(ids bigint[]) RETURNS void LANGUAGE sql AS $$
  INSERT INTO events_outboxevent (event_id, topic, key, partition, organization_id, body,
      checksum, trace_id, occurred_at, key_id)
    SELECT events_new_id(w.posted_at), 'journal_entry.reversed', w.key,
      events_partition_of(w.key), w.organization_id, w.body,
      sha256(convert_to(w.body, 'UTF8')),
      coalesce(nullif(current_setting('app.context', true), '')::json ->> 'trace_id', ''),
      w.posted_at, ''
    FROM (
      SELECT e.posted_at, g.organization_id, 'entry:' || e.reversal_of_id AS key,
        '{"entry_date":"' || to_char(e.entry_date, 'YYYY-MM-DD')
          || '","entry_id":' || e.reversal_of_id || ',"ledger":' || to_json(g.code)
          || ',"ledger_id":' || e.ledger_id || ',"number":' || e.number
          || ',"reversed_by_id":' || e.id || ',"word":"' || e.word || '"}' AS body
      FROM ledgers_journalentry e JOIN ledgers_ledger g ON g.id = e.ledger_id
      WHERE e.id = ANY (ids) AND e.reversal_of_id IS NOT NULL ORDER BY e.id
    ) w
$$;

-- Post entries that people approved, at the versions that the poster saw.
CREATE OR REPLACE FUNCTION ledgers_post_approved(
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
  PERFORM ledgers_tell_of_postings(ids);
  PERFORM ledgers_tell_of_reversals(ids);
  PERFORM ledgers_add_to_balances(ids);
END $$;
