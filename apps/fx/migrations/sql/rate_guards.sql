-- Exchange rates: what must never change, and how every process hears of what did.
--
-- SQLSTATE   meaning
-- FM020      a rate would change or disappear; a correction is a new revision
-- FM021      a tenant's own rate would be born confirmed, or without a name
-- FM022      a rate was decided already

CREATE FUNCTION fx_rate_insert_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.organization_id IS NOT NULL AND (NEW.state <> 'waiting' OR NEW.entered_by_id IS NULL)
     OR NEW.organization_id IS NULL AND NEW.state <> 'confirmed' OR NEW.is_used THEN
    RAISE EXCEPTION 'an own rate waits for a second person' USING ERRCODE = 'FM021';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER rate_insert_guard BEFORE INSERT ON fx_exchangerate
  FOR EACH ROW EXECUTE FUNCTION fx_rate_insert_guard();

CREATE FUNCTION fx_rate_update_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.is_used OR (NEW.id, NEW.rate_type, NEW.from_currency, NEW.to_currency, NEW.per, NEW.rate,
      NEW.valid_from, NEW.source, NEW.revision, NEW.note, NEW.created_at)
    <> (OLD.id, OLD.rate_type, OLD.from_currency, OLD.to_currency, OLD.per, OLD.rate,
      OLD.valid_from, OLD.source, OLD.revision, OLD.note, OLD.created_at)
    OR (NEW.organization_id, NEW.entered_by_id, NEW.rate_import_id) IS DISTINCT FROM
       (OLD.organization_id, OLD.entered_by_id, OLD.rate_import_id)
    OR (NEW.is_used AND NEW.state <> 'confirmed') THEN
    RAISE EXCEPTION 'a rate never changes; enter a new revision' USING ERRCODE = 'FM020';
  END IF;
  IF OLD.state <> 'waiting' AND (NEW.state, NEW.confirmed_by_id, NEW.confirmed_at, NEW.reject_reason)
      IS DISTINCT FROM (OLD.state, OLD.confirmed_by_id, OLD.confirmed_at, OLD.reject_reason) THEN
    RAISE EXCEPTION 'the rate was decided already' USING ERRCODE = 'FM022';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER rate_update_guard BEFORE UPDATE ON fx_exchangerate
  FOR EACH ROW EXECUTE FUNCTION fx_rate_update_guard();

CREATE FUNCTION fx_rate_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'rates are never deleted' USING ERRCODE = 'FM020';
END $$;
CREATE TRIGGER rate_keep BEFORE DELETE OR TRUNCATE ON fx_exchangerate
  FOR EACH STATEMENT EXECUTE FUNCTION fx_rate_keep();

-- Told with the commit and never without it. Marking a rate as used is no change of rates:
-- posting neither counts nor notifies.
INSERT INTO fx_ratestamp (id, version) VALUES (1, 1);

CREATE FUNCTION fx_rate_tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE fx_ratestamp SET version = version + 1 WHERE id = 1;
  PERFORM set_config('app.fx_changed', '1', true);
  PERFORM pg_notify('fx_rates', '');
  RETURN NULL;
END $$;
CREATE TRIGGER rate_tell AFTER INSERT OR UPDATE OF state ON fx_exchangerate
  FOR EACH STATEMENT EXECUTE FUNCTION fx_rate_tell();
