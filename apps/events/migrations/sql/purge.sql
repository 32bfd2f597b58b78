-- Letting old events go: only here, with a trace of what went, and nothing that somebody may
-- still need.
--
-- SQLSTATE   meaning
-- FM007      an event stays: it is young, undelivered or in trouble, or nobody wrote that it goes

-- The purge and whoever builds anew from events keep each other off by this lock.
CREATE FUNCTION events_hold_purge() RETURNS void LANGUAGE sql AS $$
  SELECT pg_advisory_xact_lock(20260404)
$$;

-- The first id of UUID version 7 that a moment can have.
CREATE FUNCTION events_first_id(at timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
  SELECT rpad(encode(substring(int8send((extract(epoch FROM at) * 1000)::bigint) FROM 3), 'hex'),
    32, '0')::uuid
$$;

-- Whoever deletes events has written, in the same transaction, which ones they are.
CREATE OR REPLACE FUNCTION events_delete_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT 1 FROM old_rows o
    WHERE o.position IS NULL OR o.relayed_at > clock_timestamp() - interval '7 days'
      OR o.position > (SELECT min(c.position) FROM events_consumercursor c
        WHERE c.partition = o.partition)
  ) OR EXISTS (
    SELECT 1 FROM old_rows o JOIN events_troubleddelivery t USING (event_id)
  ) THEN
    RAISE EXCEPTION 'an event that somebody may not have had stays' USING ERRCODE = 'FM007';
  END IF;
  IF EXISTS (
    SELECT 1 FROM (
      SELECT partition, min(position) AS first, max(position) AS last, count(*) AS n
      FROM old_rows GROUP BY partition
    ) gone
    LEFT JOIN events_eventpurge p ON p.partition = gone.partition AND p.count = gone.n
      AND p.first_position = gone.first AND p.last_position = gone.last
      AND p.made_in = pg_current_xact_id()::text::bigint
    WHERE p.id IS NULL
  ) THEN
    RAISE EXCEPTION 'events go by events_purge only, which leaves a trace'
      USING ERRCODE = 'FM007';
  END IF;
  RETURN NULL;
END $$;

-- Look at the next events of a partition and delete those that were relayed before a moment, had
-- by everybody and are in no trouble. What was decided about them is in the operation log.
CREATE FUNCTION events_purge(
  part integer, after bigint, before timestamptz, most integer,
  OUT seen bigint, OUT gone integer, OUT is_last boolean
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE ids uuid[]; had bigint;
BEGIN
  PERFORM events_hold_purge();
  PERFORM set_config('app.context', '{"kind": "event.purge"}', true);
  SELECT min(c.position) INTO had FROM events_consumercursor c WHERE c.partition = part;
  WITH next AS MATERIALIZED (
    SELECT o.event_id, o.position, o.relayed_at < before AND o.position <= had AS is_old
    FROM events_outboxevent o
    WHERE o.partition = part AND o.position > after ORDER BY o.position LIMIT most
  )
  SELECT max(n.position), count(*) < most OR NOT coalesce(bool_and(n.is_old), false),
      coalesce(array_agg(n.event_id ORDER BY n.position) FILTER (WHERE n.is_old
        AND NOT EXISTS (SELECT 1 FROM events_troubleddelivery t WHERE t.event_id = n.event_id
          AND t.state IN ('retrying', 'waiting', 'dead', 'quarantined'))), '{}')
    INTO seen, is_last, ids FROM next n;
  gone := cardinality(ids);
  IF gone > 0 THEN
    INSERT INTO events_eventpurge (partition, first_position, last_position, count, by_topic,
        checksum, kept_from, purged_at, made_in)
      SELECT part, min(t.first), max(t.last), sum(t.n), jsonb_object_agg(t.topic, t.n),
        (SELECT sha256(string_agg(uuid_send(o.event_id) || o.checksum, '' ORDER BY o.position))
          FROM events_outboxevent o WHERE o.event_id = ANY (ids)),
        before, clock_timestamp(), pg_current_xact_id()::text::bigint
      FROM (SELECT o.topic, count(*) AS n, min(o.position) AS first, max(o.position) AS last
        FROM events_outboxevent o WHERE o.event_id = ANY (ids) GROUP BY o.topic) t;
    DELETE FROM events_troubleddelivery WHERE event_id = ANY (ids);
    DELETE FROM events_outboxevent WHERE event_id = ANY (ids);
  END IF;
END $$;

-- Forget that events of before a moment were delivered, once they are gone: nobody can be given
-- them any more.
CREATE FUNCTION events_forget_deliveries(who text, before timestamptz, most integer)
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE forgotten integer;
BEGIN
  DELETE FROM events_inboxevent WHERE consumer = who AND event_id = ANY (array(
    SELECT i.event_id FROM events_inboxevent i
    WHERE i.consumer = who AND i.event_id < events_first_id(before)
      AND NOT EXISTS (SELECT 1 FROM events_outboxevent o WHERE o.event_id = i.event_id)
    ORDER BY i.event_id LIMIT most));
  GET DIAGNOSTICS forgotten = ROW_COUNT;
  RETURN forgotten;
END $$;

CREATE TRIGGER events_eventpurge_update_guard BEFORE UPDATE OR DELETE ON events_eventpurge
  FOR EACH ROW EXECUTE FUNCTION audit_refuse_change();
CREATE TRIGGER events_eventpurge_no_truncate BEFORE TRUNCATE ON events_eventpurge
  EXECUTE FUNCTION audit_refuse_change();
