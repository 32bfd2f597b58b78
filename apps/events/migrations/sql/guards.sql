-- What PostgreSQL keeps of events, whoever writes.
--
-- SQLSTATE   meaning
-- FM007      an event is append-only: only the relay adds what was open, and once

-- A key falls into the same partition everywhere; see PARTITIONS in words.py.
CREATE FUNCTION events_partition_of(key text) RETURNS smallint LANGUAGE sql IMMUTABLE AS $$
  SELECT (hashtextextended(key, 0) & 7)::smallint
$$;

-- A UUID of version 7 (RFC 9562): 48 bits of milliseconds, 74 random bits.
CREATE FUNCTION events_new_id(at timestamptz) RETURNS uuid LANGUAGE sql VOLATILE AS $$
  SELECT encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
    PLACING substring(int8send((extract(epoch FROM at) * 1000)::bigint) FROM 3)
    FROM 1 FOR 6), 52, 1), 53, 1), 'hex')::uuid
$$;

-- Conditions of triggers cost less than calls.
CREATE TRIGGER events_outboxevent_insert_guard BEFORE INSERT ON events_outboxevent
  FOR EACH ROW WHEN (new.position IS NOT NULL)
  EXECUTE FUNCTION audit_refuse_change();
CREATE TRIGGER events_outboxevent_update_guard BEFORE UPDATE ON events_outboxevent
  FOR EACH ROW WHEN (
    old.position IS NOT NULL OR new.position IS NULL OR new.relayed_at IS NULL
    OR (old.signature IS NOT NULL AND (new.signature, new.key_id)
      IS DISTINCT FROM (old.signature, old.key_id))
    OR (new.event_id, new.number, new.topic, new.key, new.partition, new.organization_id,
      new.body, new.checksum, new.trace_id, new.occurred_at)
      IS DISTINCT FROM
      (old.event_id, old.number, old.topic, old.key, old.partition, old.organization_id,
      old.body, old.checksum, old.trace_id, old.occurred_at))
  EXECUTE FUNCTION audit_refuse_change();
CREATE TRIGGER events_outboxevent_no_truncate BEFORE TRUNCATE ON events_outboxevent
  EXECUTE FUNCTION audit_refuse_change();

-- Only what every consumer has had may go, and nothing of the last week.
CREATE FUNCTION events_delete_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT 1 FROM old_rows o
    WHERE o.position IS NULL OR o.relayed_at > clock_timestamp() - interval '7 days'
      OR o.position > (SELECT min(c.position) FROM events_consumercursor c
        WHERE c.partition = o.partition)
  ) THEN
    RAISE EXCEPTION 'an event that somebody may not have had stays' USING ERRCODE = 'FM007';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER events_outboxevent_delete_guard AFTER DELETE ON events_outboxevent
  REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION events_delete_guard();

-- Cursors and partitions only go forward.
CREATE TRIGGER events_consumercursor_forward BEFORE UPDATE ON events_consumercursor
  FOR EACH ROW WHEN (new.position < old.position) EXECUTE FUNCTION audit_refuse_change();
CREATE TRIGGER events_eventpartition_forward BEFORE UPDATE ON events_eventpartition
  FOR EACH ROW WHEN (new.last_position < old.last_position)
  EXECUTE FUNCTION audit_refuse_change();
ALTER TABLE events_consumercursor SET (fillfactor = 20);
ALTER TABLE events_eventpartition SET (fillfactor = 20);

-- Note that a delivery begins, before it may kill the process, and tell where it stands. Not
-- worth waiting for the disk: what is lost of it is one count.
CREATE FUNCTION events_begin_delivery(
  who text, part integer, OUT tries integer, OUT last_position bigint
) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('synchronous_commit', 'off', true);
  UPDATE events_consumercursor c SET tries = c.tries + 1
    FROM events_eventpartition p
    WHERE c.consumer = who AND c.partition = part AND p.number = part
      AND c.position < p.last_position
    RETURNING c.tries, p.last_position INTO tries, last_position;
END $$;
