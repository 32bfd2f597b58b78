-- As before (guards.sql), but whoever finds the cursor held passes by instead of waiting: one
-- relay is to serve the other consumers while this one is built anew.
CREATE OR REPLACE FUNCTION events_begin_delivery(
  who text, part integer, OUT tries integer, OUT last_position bigint
) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('synchronous_commit', 'off', true);
  UPDATE events_consumercursor c SET tries = c.tries + 1
    FROM events_eventpartition p
    WHERE c.id = (SELECT x.id FROM events_consumercursor x
        WHERE x.consumer = who AND x.partition = part FOR UPDATE SKIP LOCKED)
      AND p.number = part AND c.position < p.last_position
    RETURNING c.tries, p.last_position INTO tries, last_position;
END $$;
