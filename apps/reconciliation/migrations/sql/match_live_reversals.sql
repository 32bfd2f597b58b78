-- The passes of match_live.sql, and with them a row and its reversal on the same side.
--
-- which        channel; whoever calls holds its lock
-- refs         references in one spelling, none of them empty
-- passes       JSON of the passes: kind, days, absolute, basis_points, most
-- most_pairs   a reference with more possible pairs is left to people
CREATE OR REPLACE FUNCTION reconciliation_match_live(
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

-- Two rows that are opposite; a third one of that amount leaves all of them open. Lines of
-- statements may have negative keys here: groups without books have negative names all the same.
CREATE FUNCTION reconciliation_live_reversal(which bigint, refs text[], within integer)
RETURNS void LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
  WITH twos AS (
    SELECT side, reference, currency, abs(amount) AS size,
        CASE side WHEN 'book' THEN min(item_id) ELSE -min(abs(item_id)) END AS grp
      FROM reconciliation_liveitem
      WHERE channel_id = which AND reference = ANY(refs) AND bucket = '' AND amount <> 0
      GROUP BY 1, 2, 3, 4
      HAVING count(*) = 2 AND sum(amount) = 0 AND max(day) - min(day) <= within)
  UPDATE reconciliation_liveitem l
    SET bucket = 'reversal', group_id = t.grp,
      matched_at = coalesce(l.matched_at, clock_timestamp())
    FROM twos t WHERE l.channel_id = which AND l.side = t.side AND l.reference = t.reference
      AND l.currency = t.currency AND abs(l.amount) = t.size AND l.bucket = '';
END $$;
