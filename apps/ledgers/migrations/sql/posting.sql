-- The posting path: one way into the balances, for one entry or ten thousand.
--
-- The order is what matters. Rows that many postings share come last (balances, totals,
-- counters), always in the order of their keys, so that they are held for the shortest
-- time and two postings never wait for each other in a circle.
--
-- The functions run as their owner: the role of the application may read balances and
-- counters but not write them.
--
-- SQLSTATE   meaning
-- FM009      an idempotency key came again with another content
-- FM010      no period contains the date
-- FM015      an entry is no longer at the version that the poster saw
-- FM011      a guarded account would stand on its forbidden side

CREATE FUNCTION ledgers_content_hashes(ids bigint[])
RETURNS TABLE (entry_id bigint, content_hash text) LANGUAGE sql STABLE AS $$
  SELECT e.id, encode(sha256(convert_to(concat_ws(E'\n',
      jsonb_build_array(e.ledger_id::text, to_char(e.entry_date, 'YYYY-MM-DD'), e.word, e.kind,
        e.summary, coalesce(e.reversal_of_id::text, ''), e.maker_id::text)::text,
      string_agg(jsonb_build_array(l.position::text, l.account_id::text,
        coalesce(l.dimension_set_id::text, ''), l.side::text, l.currency_id, l.amount::text,
        l.rate::text, l.base_amount::text, l.summary)::text, E'\n' ORDER BY l.position)),
      'UTF8')), 'hex')
  FROM ledgers_journalentry e LEFT JOIN ledgers_journalline l ON l.entry_id = e.id
  WHERE e.id = ANY (ids)
  GROUP BY e.id
$$;

CREATE FUNCTION ledgers_bucket(kind text) RETURNS smallint LANGUAGE sql IMMUTABLE AS $$
  SELECT (CASE kind WHEN 'opening' THEN 1 WHEN 'profit_transfer' THEN 9
    WHEN 'year_end' THEN 9 ELSE 0 END)::smallint
$$;

CREATE FUNCTION ledgers_post_locked(ids bigint[], poster bigint)
RETURNS TABLE (entry_id bigint, entry_number integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE guarded bigint[]; bad record;
BEGIN
  PERFORM pg_advisory_xact_lock_shared(ledgers_period_gate(period_id))
    FROM (SELECT DISTINCT period_id FROM ledgers_journalentry WHERE id = ANY (ids)
          ORDER BY period_id) gates;
  SELECT array_agg(DISTINCT a.id) INTO guarded
    FROM ledgers_journalline l JOIN ledgers_account a ON a.id = l.account_id
    WHERE l.entry_id = ANY (ids) AND a.guard <> 'none';
  IF guarded IS NOT NULL THEN
    PERFORM pg_advisory_xact_lock((2::bigint << 60) | account_id)
      FROM unnest(guarded) AS account_id ORDER BY account_id;
  END IF;

  INSERT INTO ledgers_accountbalance AS b (ledger_id, period_id, account_id, dimension_set_id,
      currency_id, bucket, debit, credit, base_debit, base_credit, version)
    SELECT e.ledger_id, e.period_id, l.account_id, l.dimension_set_id, l.currency_id,
      ledgers_bucket(coalesce(o.kind, e.kind)),
      coalesce(sum(l.amount) FILTER (WHERE l.side = 1), 0),
      coalesce(-sum(l.amount) FILTER (WHERE l.side = -1), 0),
      sum(l.debit), sum(l.credit), 1
    FROM ledgers_journalentry e
    JOIN ledgers_journalline l ON l.entry_id = e.id
    LEFT JOIN ledgers_journalentry o ON o.id = e.reversal_of_id
    WHERE e.id = ANY (ids)
    GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6
    ON CONFLICT (ledger_id, period_id, account_id, dimension_set_id, currency_id, bucket)
    DO UPDATE SET debit = b.debit + excluded.debit, credit = b.credit + excluded.credit,
      base_debit = b.base_debit + excluded.base_debit,
      base_credit = b.base_credit + excluded.base_credit, version = b.version + 1;

  INSERT INTO ledgers_accounttotal AS t (ledger_id, period_id, account_id, bucket, debit,
      credit, line_count, version)
    SELECT e.ledger_id, e.period_id, l.account_id, ledgers_bucket(coalesce(o.kind, e.kind)),
      sum(l.debit), sum(l.credit), count(*), 1
    FROM ledgers_journalentry e
    JOIN ledgers_journalline l ON l.entry_id = e.id
    LEFT JOIN ledgers_journalentry o ON o.id = e.reversal_of_id
    WHERE e.id = ANY (ids)
    GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
    ON CONFLICT (ledger_id, period_id, account_id, bucket)
    DO UPDATE SET debit = t.debit + excluded.debit, credit = t.credit + excluded.credit,
      line_count = t.line_count + excluded.line_count, version = t.version + 1;

  IF guarded IS NOT NULL THEN
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
  END IF;

  RETURN QUERY
  WITH wanted AS (
    SELECT e.id, e.ledger_id, e.period_id, e.word, row_number() OVER (
      PARTITION BY e.ledger_id, e.period_id, e.word ORDER BY given.place) AS place
    FROM unnest(ids) WITH ORDINALITY AS given (id, place)
    JOIN ledgers_journalentry e ON e.id = given.id
  ), counted AS (
    INSERT INTO ledgers_entrycounter AS c (ledger_id, period_id, word, last_number)
      SELECT w.ledger_id, w.period_id, w.word, count(*) FROM wanted w
      GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    ON CONFLICT (ledger_id, period_id, word)
      DO UPDATE SET last_number = c.last_number + excluded.last_number
    RETURNING c.ledger_id, c.period_id, c.word, c.last_number
  ), sizes AS (
    SELECT w.ledger_id, w.period_id, w.word, count(*) AS size FROM wanted w GROUP BY 1, 2, 3
  ), hashed AS (
    SELECT * FROM ledgers_content_hashes(array(
      SELECT h.id FROM ledgers_journalentry h WHERE h.id = ANY (ids) AND h.content_hash = ''))
  )
  UPDATE ledgers_journalentry e
    SET state = 'posted', content_hash = coalesce(h.content_hash, e.content_hash), poster_id = poster, posted_at = clock_timestamp(),
      number = c.last_number - s.size + w.place, version = e.version + 1,
      updated_at = clock_timestamp(), updated_by_id = poster
    FROM wanted w JOIN counted c USING (ledger_id, period_id, word)
      JOIN sizes s USING (ledger_id, period_id, word)
      LEFT JOIN hashed h ON h.entry_id = w.id
    WHERE e.id = w.id
    RETURNING e.id, e.number;
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
  RETURN QUERY SELECT * FROM ledgers_post_locked(ids, poster);
END $$;

-- Make entries and post them, in one go. Arrays `h_…` have one element for each entry,
-- `l_…` one for each line; l_entry is the entry's place in the h_ arrays, from 1.
-- An entry whose key exists already is not made again: its number is returned, or FM009
-- raised when the content is another.
CREATE FUNCTION ledgers_post_new(
  poster bigint, context text,
  h_ledger bigint[], h_key text[], h_payload text[], h_word text[], h_date date[],
  h_kind text[], h_source text[], h_summary text[], h_total numeric[], h_maker bigint[],
  h_checker bigint[],
  l_entry integer[], l_position integer[], l_account bigint[], l_dimensions bigint[],
  l_side smallint[], l_currency text[], l_amount numeric[], l_rate numeric[],
  l_base numeric[], l_summary text[]
) RETURNS TABLE (place integer, entry_id bigint, entry_number integer, is_replay boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE bad record; made bigint[]; made_places integer[];
BEGIN
  PERFORM set_config('app.context', context, true);
  SELECT h.day INTO bad FROM unnest(h_ledger, h_date) AS h (ledger, day)
    WHERE NOT EXISTS (SELECT 1 FROM ledgers_period p WHERE p.ledger_id = h.ledger
      AND h.day BETWEEN p.starts_on AND p.ends_on AND NOT p.is_adjustment) LIMIT 1;
  IF FOUND THEN
    PERFORM ledgers_refuse('FM010', format('no period contains %s', bad.day),
      json_build_object('date', bad.day));
  END IF;

  WITH heads AS (
    SELECT h.*, p.id AS period, f.id AS policy FROM unnest(h_ledger, h_key, h_payload, h_word, h_date, h_kind,
        h_source, h_summary, h_total, h_maker, h_checker) WITH ORDINALITY
      AS h (ledger, key, payload, word, day, kind, source, summary, total, maker, checker, place)
    JOIN ledgers_period p ON p.ledger_id = h.ledger
      AND h.day BETWEEN p.starts_on AND p.ends_on AND NOT p.is_adjustment
    JOIN ledgers_ledger g ON g.id = h.ledger
    -- At most one: the confirmed policies of an organization do not overlap.
    LEFT JOIN policies_financepolicy f ON f.organization_id = g.organization_id
      AND f.state = 'confirmed' AND h.day >= f.effective_from
      AND h.day <= coalesce(f.effective_to, 'infinity')
  ), made_entries AS (
    INSERT INTO ledgers_journalentry (ledger_id, period_id, word, entry_date, kind, state,
        source, summary, total, maker_id, checker_id, submitted_at, approved_at, review_note,
        idempotency_key, payload_hash, content_hash, policy_id, version, created_at,
        updated_at, updated_by_id)
      SELECT ledger, period, word, day, kind, 'draft', source, summary, total, maker, checker,
        clock_timestamp(), clock_timestamp(), '', key, payload, '', policy, 1,
        clock_timestamp(), clock_timestamp(), maker
      FROM heads ORDER BY ledger, key
      ON CONFLICT (ledger_id, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
      RETURNING id, ledger_id, idempotency_key
  )
  SELECT array_agg(m.id ORDER BY h.place), array_agg(h.place::integer ORDER BY h.place)
    INTO made, made_places
    FROM made_entries m JOIN heads h ON h.ledger = m.ledger_id AND h.key = m.idempotency_key;

  IF coalesce(cardinality(made), 0) < cardinality(h_ledger) THEN
    SELECT h.key INTO bad FROM unnest(h_ledger, h_key, h_payload) AS h (ledger, key, payload)
      JOIN ledgers_journalentry e ON e.ledger_id = h.ledger AND e.idempotency_key = h.key
      WHERE e.payload_hash <> h.payload LIMIT 1;
    IF FOUND THEN
      PERFORM ledgers_refuse('FM009', 'the key was used with another content',
        json_build_object('key', bad.key));
    END IF;
  END IF;

  IF made IS NOT NULL THEN
    INSERT INTO ledgers_journalline (ledger_id, entry_id, position, entry_date, account_id,
        dimension_set_id, side, currency_id, amount, rate, base_amount, summary)
      SELECT h_ledger[l.entry], m.id, l.position, h_date[l.entry], l.account, l.dimensions,
        l.side, l.currency, l.amount, l.rate, l.base, l.summary
      FROM unnest(l_entry, l_position, l_account, l_dimensions, l_side, l_currency, l_amount,
          l_rate, l_base, l_summary)
        AS l (entry, position, account, dimensions, side, currency, amount, rate, base, summary)
      JOIN unnest(made, made_places) AS m (id, place) ON m.place = l.entry;
    PERFORM ledgers_post_locked(made, poster);
  END IF;

  RETURN QUERY SELECT h.place::integer, e.id, e.number, NOT coalesce(e.id = ANY (made), false)
    FROM unnest(h_ledger, h_key) WITH ORDINALITY AS h (ledger, key, place)
    JOIN ledgers_journalentry e ON e.ledger_id = h.ledger AND e.idempotency_key = h.key
    ORDER BY h.place;
END $$;
