-- The passes whose keys hold the reference, over the rows of some references of a channel.
--
-- All rows of these references are placed anew, so that the order in which they came does not
-- count: what is found is what domain/matcher.py finds for the same rows and passes.
--
-- which        channel; whoever calls holds its lock
-- refs         references in one spelling, none of them empty
-- passes       JSON of the passes: kind, days, absolute, basis_points, most
-- most_pairs   a reference with more possible pairs is left to people
CREATE FUNCTION reconciliation_match_live(
  which bigint, refs text[], passes jsonb, most_pairs bigint) RETURNS void
LANGUAGE plpgsql
-- The table is small today and large tomorrow: plans are kept, statistics come late.
SET enable_seqscan = off
AS $$
DECLARE
  step jsonb;
  within integer;
  distance integer;
  shift integer;
  took bigint;
  -- References that have open rows on both sides: no other can find a counterpart.
  contested text[];
BEGIN
  UPDATE reconciliation_liveitem
    SET bucket = '', group_id = NULL, partner_id = NULL, delta = 0
    WHERE channel_id = which AND reference = ANY(refs) AND bucket <> '';
  contested := reconciliation_live_contested(which, refs);
  FOR step IN SELECT value FROM jsonb_array_elements(passes) LOOP
    within := coalesce((step ->> 'days')::integer, 0);
    IF step ->> 'kind' = 'duplicate' THEN
      PERFORM reconciliation_live_duplicate(which, refs, within);
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

CREATE FUNCTION reconciliation_live_contested(which bigint, refs text[]) RETURNS text[]
LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
  RETURN ARRAY(SELECT reference FROM reconciliation_liveitem
    WHERE channel_id = which AND reference = ANY(refs) AND bucket = ''
    GROUP BY reference HAVING count(DISTINCT side) = 2);
END $$;

CREATE FUNCTION reconciliation_live_exact(which bigint, refs text[]) RETURNS void
LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
  WITH n AS (
    SELECT side, item_id, reference, currency, amount, "on", row_number() OVER (
        PARTITION BY side, reference, currency, amount, "on" ORDER BY item_id) AS n
      FROM reconciliation_liveitem
      WHERE channel_id = which AND reference = ANY(refs) AND bucket = ''),
  p AS (
    SELECT b.item_id AS b, r.item_id AS r
      FROM n b JOIN n r USING (reference, currency, amount, "on", n)
      WHERE b.side = 'book' AND r.side = 'statement'),
  t AS (
    SELECT 'book' AS side, b AS item_id, b AS grp, r AS partner FROM p
    UNION ALL SELECT 'statement', r, b, b FROM p)
  UPDATE reconciliation_liveitem l
    SET bucket = 'exact', group_id = t.grp, partner_id = t.partner,
      matched_at = coalesce(l.matched_at, clock_timestamp())
    FROM t WHERE l.channel_id = which AND l.side = t.side AND l.item_id = t.item_id;
END $$;

-- `shift` is by how many days the statement is later.
CREATE FUNCTION reconciliation_live_date(which bigint, refs text[], shift integer)
RETURNS void LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
  WITH n AS (
    SELECT side, item_id, reference, currency, amount, day, row_number() OVER (
        PARTITION BY side, reference, currency, amount, day ORDER BY item_id) AS n
      FROM reconciliation_liveitem
      WHERE channel_id = which AND reference = ANY(refs) AND bucket = ''),
  p AS (
    SELECT b.item_id AS b, r.item_id AS r
      FROM n b JOIN n r USING (reference, currency, amount, n)
      WHERE b.side = 'book' AND r.side = 'statement' AND r.day = b.day + shift),
  t AS (
    SELECT 'book' AS side, b AS item_id, b AS grp, r AS partner FROM p
    UNION ALL SELECT 'statement', r, b, b FROM p)
  UPDATE reconciliation_liveitem l
    SET bucket = 'date', group_id = t.grp, partner_id = t.partner,
      matched_at = coalesce(l.matched_at, clock_timestamp())
    FROM t WHERE l.channel_id = which AND l.side = t.side AND l.item_id = t.item_id;
END $$;

CREATE FUNCTION reconciliation_live_duplicate(which bigint, refs text[], within integer)
RETURNS void LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
  WITH own AS (
    SELECT side, item_id, reference, currency, amount, day, bucket, group_id
      FROM reconciliation_liveitem WHERE channel_id = which AND reference = ANY(refs)),
  d AS (
    SELECT o.side, o.item_id, m.group_id, row_number() OVER (
        PARTITION BY o.side, o.item_id ORDER BY abs(m.day - o.day), m.item_id) AS n
      FROM own o JOIN own m USING (side, reference, currency, amount)
      WHERE o.bucket = '' AND m.bucket IN ('exact', 'date', 'group', 'tolerance')
        AND abs(m.day - o.day) <= within)
  UPDATE reconciliation_liveitem l
    SET bucket = 'duplicate', group_id = d.group_id
    FROM d WHERE d.n = 1 AND l.channel_id = which AND l.side = d.side
      AND l.item_id = d.item_id;
END $$;

CREATE FUNCTION reconciliation_live_group(
  which bigint, refs text[], within integer, most integer, allowed bigint) RETURNS void
LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
  WITH sums AS (
    SELECT reference, currency, min(item_id) FILTER (WHERE side = 'book') AS grp,
        min(item_id) FILTER (WHERE side = 'statement') AS lowest,
        sum(CASE side WHEN 'book' THEN -amount ELSE amount END) AS delta
      FROM reconciliation_liveitem
      WHERE channel_id = which AND reference = ANY(refs) AND bucket = ''
      GROUP BY 1, 2
      HAVING count(*) BETWEEN 3 AND most AND max(day) - min(day) <= within
        AND count(DISTINCT side) = 2
        AND abs(sum(CASE side WHEN 'book' THEN -amount ELSE amount END)) <= allowed)
  UPDATE reconciliation_liveitem l
    SET bucket = 'group', group_id = s.grp,
      delta = CASE WHEN l.side = 'statement' AND l.item_id = s.lowest THEN s.delta ELSE 0 END,
      matched_at = coalesce(l.matched_at, clock_timestamp())
    FROM sums s WHERE l.channel_id = which AND l.reference = s.reference
      AND l.currency = s.currency AND l.bucket = '';
END $$;

-- Places the pairs that are the nearest for each other; to be called until there are none.
CREATE FUNCTION reconciliation_live_tolerance(
  which bigint, refs text[], within integer, absolute bigint, basis_points bigint,
  most_pairs bigint) RETURNS bigint
LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE took bigint;
BEGIN
  WITH own AS (
    SELECT side, item_id, reference, currency, amount, day FROM reconciliation_liveitem
      WHERE channel_id = which AND reference = ANY(refs) AND bucket = ''),
  few AS (
    SELECT reference, currency FROM own GROUP BY 1, 2
      HAVING count(*) FILTER (WHERE side = 'book')
        * count(*) FILTER (WHERE side = 'statement') BETWEEN 1 AND most_pairs),
  near AS (
    SELECT b.item_id AS b, r.item_id AS r, r.amount - b.amount AS delta,
        abs(r.amount - b.amount) AS gap, abs(r.day - b.day) AS days
      FROM few JOIN own b USING (reference, currency) JOIN own r USING (reference, currency)
      WHERE b.side = 'book' AND r.side = 'statement'
        AND sign(b.amount) * sign(r.amount) > 0 AND abs(r.day - b.day) <= within
        AND abs(r.amount - b.amount) <= coalesce(
          least(absolute, abs(b.amount) * basis_points / 10000), 0)),
  best AS (
    SELECT b, r, delta, row_number() OVER (PARTITION BY b ORDER BY gap, days, b, r) AS for_b,
        row_number() OVER (PARTITION BY r ORDER BY gap, days, b, r) AS for_r FROM near),
  t AS (
    SELECT 'book' AS side, b AS item_id, b AS grp, r AS partner, 0::bigint AS delta
      FROM best WHERE for_b = 1 AND for_r = 1
    UNION ALL SELECT 'statement', r, b, b, delta FROM best WHERE for_b = 1 AND for_r = 1)
  UPDATE reconciliation_liveitem l
    SET bucket = 'tolerance', group_id = t.grp, partner_id = t.partner, delta = t.delta,
      matched_at = coalesce(l.matched_at, clock_timestamp())
    FROM t WHERE l.channel_id = which AND l.side = t.side AND l.item_id = t.item_id;
  GET DIAGNOSTICS took = ROW_COUNT;
  RETURN took;
END $$;
