-- The passes of match_live.sql and match_live_reversals.sql over rows that are found in one way
-- only, whatever the planner believes of the table.
--
-- A plan is kept from when the table was empty, until statistics come a minute later. If it may
-- choose, it goes through the channel for each call: 500 events a second then wait for seconds.
-- So rows are found by the one index that their condition fits, and changed by where they lie;
-- nobody else moves them, as whoever calls holds the channel's lock.

-- `channel_id + 0` fits no index. Seeded by the channel, a common reference is found in this
-- channel alone.
CREATE FUNCTION reconciliation_live_rows(which bigint, refs text[])
RETURNS TABLE (place tid, side text, item_id bigint, reference text, currency text,
  amount bigint, day_on date, day integer, bucket text, group_id bigint)
LANGUAGE plpgsql STABLE ROWS 100 SET enable_seqscan = off AS $$
BEGIN
  RETURN QUERY SELECT l.ctid, l.side::text, l.item_id, l.reference::text, l.currency::text,
      l.amount, l."on", l.day, l.bucket::text, l.group_id
    FROM reconciliation_liveitem l
    WHERE hashtextextended(l.reference, l.channel_id)
        = ANY(ARRAY(SELECT hashtextextended(r, which) FROM unnest(refs) AS r))
      AND l.reference = ANY(refs) AND l.reference <> '' AND l.channel_id + 0 = which;
END $$;

CREATE OR REPLACE FUNCTION reconciliation_match_live(
  which bigint, refs text[], passes jsonb, most_pairs bigint) RETURNS void
LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
  step jsonb;
  within integer;
  distance integer;
  shift integer;
  took bigint;
  -- References that have open rows on both sides: no other can find a counterpart.
  contested text[];
BEGIN
  UPDATE reconciliation_liveitem l
    SET bucket = '', group_id = NULL, partner_id = NULL, delta = 0
    FROM reconciliation_live_rows(which, refs) AS own
    WHERE l.ctid = own.place AND own.bucket <> '';
  contested := reconciliation_live_contested(which, refs);
  FOR step IN SELECT value FROM jsonb_array_elements(passes) LOOP
    within := coalesce((step ->> 'days')::integer, 0);
    IF step ->> 'kind' = 'duplicate' THEN
      PERFORM reconciliation_live_duplicate(which, refs, within);
    ELSIF step ->> 'kind' = 'reversal' THEN
      PERFORM reconciliation_live_reversal(which, refs, within);
    END IF;
    CONTINUE WHEN contested = '{}';
    CASE step ->> 'kind'
    WHEN 'exact' THEN
      PERFORM reconciliation_live_exact(which, contested);
    WHEN 'date' THEN
      FOR distance IN 0 .. within LOOP
        FOREACH shift IN ARRAY
          CASE distance WHEN 0 THEN ARRAY[0] ELSE ARRAY[distance, -distance] END
        LOOP
          PERFORM reconciliation_live_date(which, contested, shift);
        END LOOP;
      END LOOP;
    WHEN 'group' THEN
      PERFORM reconciliation_live_group(which, contested, within,
        (step ->> 'most')::integer, coalesce((step ->> 'absolute')::bigint, 0));
    WHEN 'tolerance' THEN
      LOOP
        took := reconciliation_live_tolerance(which, contested, within,
          (step ->> 'absolute')::bigint, (step ->> 'basis_points')::bigint, most_pairs);
        EXIT WHEN took = 0;
      END LOOP;
    ELSE NULL;
    END CASE;
    contested := reconciliation_live_contested(which, contested);
  END LOOP;
END $$;

CREATE OR REPLACE FUNCTION reconciliation_live_contested(which bigint, refs text[])
RETURNS text[] LANGUAGE plpgsql AS $$
BEGIN
  RETURN ARRAY(SELECT reference FROM reconciliation_live_rows(which, refs)
    WHERE bucket = '' GROUP BY reference HAVING count(DISTINCT side) = 2);
END $$;

CREATE OR REPLACE FUNCTION reconciliation_live_exact(which bigint, refs text[]) RETURNS void
LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
  WITH n AS (
    SELECT place, side, item_id, reference, currency, amount, day_on, row_number() OVER (
        PARTITION BY side, reference, currency, amount, day_on ORDER BY item_id) AS n
      FROM reconciliation_live_rows(which, refs) WHERE bucket = ''),
  p AS (
    SELECT b.place AS b_place, r.place AS r_place, b.item_id AS b, r.item_id AS r
      FROM n b JOIN n r USING (reference, currency, amount, day_on, n)
      WHERE b.side = 'book' AND r.side = 'statement'),
  t AS (
    SELECT b_place AS place, b AS grp, r AS partner FROM p
    UNION ALL SELECT r_place, b, b FROM p)
  UPDATE reconciliation_liveitem l
    SET bucket = 'exact', group_id = t.grp, partner_id = t.partner,
      matched_at = coalesce(l.matched_at, clock_timestamp())
    FROM t WHERE l.ctid = t.place;
END $$;

-- `shift` is by how many days the statement is later.
CREATE OR REPLACE FUNCTION reconciliation_live_date(which bigint, refs text[], shift integer)
RETURNS void LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
  WITH n AS (
    SELECT place, side, item_id, reference, currency, amount, day, row_number() OVER (
        PARTITION BY side, reference, currency, amount, day ORDER BY item_id) AS n
      FROM reconciliation_live_rows(which, refs) WHERE bucket = ''),
  p AS (
    SELECT b.place AS b_place, r.place AS r_place, b.item_id AS b, r.item_id AS r
      FROM n b JOIN n r USING (reference, currency, amount, n)
      WHERE b.side = 'book' AND r.side = 'statement' AND r.day = b.day + shift),
  t AS (
    SELECT b_place AS place, b AS grp, r AS partner FROM p
    UNION ALL SELECT r_place, b, b FROM p)
  UPDATE reconciliation_liveitem l
    SET bucket = 'date', group_id = t.grp, partner_id = t.partner,
      matched_at = coalesce(l.matched_at, clock_timestamp())
    FROM t WHERE l.ctid = t.place;
END $$;

CREATE OR REPLACE FUNCTION reconciliation_live_duplicate(
  which bigint, refs text[], within integer) RETURNS void
LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
  WITH own AS (SELECT * FROM reconciliation_live_rows(which, refs)),
  d AS (
    SELECT o.place, m.group_id, row_number() OVER (
        PARTITION BY o.side, o.item_id ORDER BY abs(m.day - o.day), m.item_id) AS n
      FROM own o JOIN own m USING (side, reference, currency, amount)
      WHERE o.bucket = '' AND m.bucket IN ('exact', 'date', 'group', 'tolerance')
        AND abs(m.day - o.day) <= within)
  UPDATE reconciliation_liveitem l
    SET bucket = 'duplicate', group_id = d.group_id
    FROM d WHERE d.n = 1 AND l.ctid = d.place;
END $$;

CREATE OR REPLACE FUNCTION reconciliation_live_group(
  which bigint, refs text[], within integer, most integer, allowed bigint) RETURNS void
LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
  WITH own AS (SELECT * FROM reconciliation_live_rows(which, refs) WHERE bucket = ''),
  sums AS (
    SELECT reference, currency, min(item_id) FILTER (WHERE side = 'book') AS grp,
        min(item_id) FILTER (WHERE side = 'statement') AS lowest,
        sum(CASE side WHEN 'book' THEN -amount ELSE amount END) AS delta
      FROM own GROUP BY 1, 2
      HAVING count(*) BETWEEN 3 AND most AND max(day) - min(day) <= within
        AND count(DISTINCT side) = 2
        AND abs(sum(CASE side WHEN 'book' THEN -amount ELSE amount END)) <= allowed),
  t AS (
    SELECT place, grp, CASE WHEN side = 'statement' AND item_id = lowest THEN delta ELSE 0 END
        AS delta
      FROM sums JOIN own USING (reference, currency))
  UPDATE reconciliation_liveitem l
    SET bucket = 'group', group_id = t.grp, delta = t.delta,
      matched_at = coalesce(l.matched_at, clock_timestamp())
    FROM t WHERE l.ctid = t.place;
END $$;

-- Places the pairs that are the nearest for each other; to be called until there are none.
CREATE OR REPLACE FUNCTION reconciliation_live_tolerance(
  which bigint, refs text[], within integer, absolute bigint, basis_points bigint,
  most_pairs bigint) RETURNS bigint
LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE took bigint;
BEGIN
  WITH own AS (SELECT * FROM reconciliation_live_rows(which, refs) WHERE bucket = ''),
  few AS (
    SELECT reference, currency FROM own GROUP BY 1, 2
      HAVING count(*) FILTER (WHERE side = 'book')
        * count(*) FILTER (WHERE side = 'statement') BETWEEN 1 AND most_pairs),
  near AS (
    SELECT b.item_id AS b, r.item_id AS r, b.place AS b_place, r.place AS r_place,
        r.amount - b.amount AS delta, abs(r.amount - b.amount) AS gap,
        abs(r.day - b.day) AS days
      FROM few JOIN own b USING (reference, currency) JOIN own r USING (reference, currency)
      WHERE b.side = 'book' AND r.side = 'statement'
        AND sign(b.amount) * sign(r.amount) > 0 AND abs(r.day - b.day) <= within
        AND abs(r.amount - b.amount) <= coalesce(
          least(absolute, abs(b.amount) * basis_points / 10000), 0)),
  best AS (
    SELECT near.*, row_number() OVER (PARTITION BY b ORDER BY gap, days, b, r) AS for_b,
        row_number() OVER (PARTITION BY r ORDER BY gap, days, b, r) AS for_r FROM near),
  t AS (
    SELECT b_place AS place, b AS grp, r AS partner, 0::bigint AS delta
      FROM best WHERE for_b = 1 AND for_r = 1
    UNION ALL SELECT r_place, b, b, delta FROM best WHERE for_b = 1 AND for_r = 1)
  UPDATE reconciliation_liveitem l
    SET bucket = 'tolerance', group_id = t.grp, partner_id = t.partner, delta = t.delta,
      matched_at = coalesce(l.matched_at, clock_timestamp())
    FROM t WHERE l.ctid = t.place;
  GET DIAGNOSTICS took = ROW_COUNT;
  RETURN took;
END $$;

-- Two rows that are opposite; a third one of that amount leaves all of them open. Lines of
-- statements may have negative keys here: groups without books have negative names all the same.
CREATE OR REPLACE FUNCTION reconciliation_live_reversal(
  which bigint, refs text[], within integer) RETURNS void
LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
  WITH own AS (
    SELECT place, side, item_id, reference, currency, amount, abs(amount) AS size, day
      FROM reconciliation_live_rows(which, refs) WHERE bucket = '' AND amount <> 0),
  twos AS (
    SELECT side, reference, currency, size,
        CASE side WHEN 'book' THEN min(item_id) ELSE -min(abs(item_id)) END AS grp
      FROM own GROUP BY 1, 2, 3, 4
      HAVING count(*) = 2 AND sum(amount) = 0 AND max(day) - min(day) <= within),
  t AS (SELECT place, grp FROM twos JOIN own USING (side, reference, currency, size))
  UPDATE reconciliation_liveitem l
    SET bucket = 'reversal', group_id = t.grp,
      matched_at = coalesce(l.matched_at, clock_timestamp())
    FROM t WHERE l.ctid = t.place;
END $$;
