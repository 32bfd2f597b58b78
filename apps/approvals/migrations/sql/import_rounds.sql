-- Approvals: the entries of an import are one subject, which one round decides on.
-- Replaces the guard of approved_content.sql; FM058 holds.
--
-- An entry belongs to its import until it is submitted by itself, from when on it has rounds of
-- its own.

CREATE FUNCTION approvals_import_entries(import bigint) RETURNS SETOF bigint
LANGUAGE sql STABLE AS $$
  SELECT e.id FROM ledgers_journalentry e
  WHERE e.journal_import_id = import AND e.state = 'submitted' AND NOT EXISTS (
    SELECT 1 FROM approvals_approvalrequest r WHERE r.subject_id = e.id
      AND r.subject_kind IN ('journal_entry', 'reversal', 'write_off', 'transfer'))
  ORDER BY e.id
$$;

-- What is decided on. Header and lines are fixed from submission on, and each entry's hash with
-- them.
CREATE FUNCTION approvals_import_content(import bigint)
RETURNS TABLE (entries bigint, content_hash text, policies bigint[])
LANGUAGE sql STABLE AS $$
  SELECT count(*),
    encode(sha256(convert_to(coalesce(
      string_agg(e.id || ' ' || e.content_hash, E'\n' ORDER BY e.id), ''), 'UTF8')), 'hex'),
    coalesce(array_agg(DISTINCT e.policy_id) FILTER (WHERE e.policy_id IS NOT NULL), '{}')
  FROM ledgers_journalentry e WHERE e.id IN (SELECT approvals_import_entries(import))
$$;

-- What an import counts with, without sign: its largest entry, or what its entries for one
-- supplier or customer come to. Each entry is a document of its own, and those that one person
-- submits for one counterparty on one day count together.
CREATE FUNCTION approvals_import_amount(import bigint) RETURNS numeric LANGUAGE sql STABLE AS $$
  WITH waiting AS MATERIALIZED (
    SELECT e.id, abs(e.total) AS total FROM ledgers_journalentry e
    WHERE e.id IN (SELECT approvals_import_entries(import))
  ), named AS (
    SELECT DISTINCT w.id, w.total, v.id AS counterparty
    FROM waiting w
    JOIN ledgers_journalline l ON l.entry_id = w.id
    JOIN ledgers_dimensionset d ON d.id = l.dimension_set_id
    JOIN ledgers_dimensionvalue v ON v.id = ANY (d.value_ids)
    JOIN ledgers_dimensiontype t ON t.id = v.type_id AND t.code IN ('supplier', 'customer')
  )
  SELECT coalesce(greatest(
    (SELECT max(total) FROM waiting),
    (SELECT max(part) FROM (SELECT sum(total) AS part FROM named GROUP BY counterparty) p)), 0)
$$;

-- Of the import's entries that wait, a round approves those that it was opened for.
CREATE FUNCTION approvals_import_is_unchanged() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.content_hash IS DISTINCT FROM
      (SELECT c.content_hash FROM approvals_import_content(NEW.subject_id) c) THEN
    PERFORM approvals_refuse('FM058', 'the round was opened for other entries');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER request_import BEFORE UPDATE OF state ON approvals_approvalrequest
  FOR EACH ROW WHEN (NEW.subject_kind = 'journal_import' AND NEW.state = 'approved'
    AND OLD.state = 'open')
  EXECUTE FUNCTION approvals_import_is_unchanged();

-- An approved round of the import stands behind an entry that was submitted when it began, and
-- that its checker approved. An import that never had a round is left to the rule of the books.
CREATE FUNCTION approvals_import_approves(entry ledgers_journalentry) RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT NOT EXISTS (SELECT 1 FROM approvals_approvalrequest r
      WHERE r.subject_kind = 'journal_import' AND r.subject_id = entry.journal_import_id)
    OR EXISTS (
      SELECT 1 FROM approvals_approvalrequest r
      JOIN approvals_approvaldecision d ON d.request_id = r.id AND d.kind = 'approve'
      WHERE r.subject_kind = 'journal_import' AND r.subject_id = entry.journal_import_id
        AND r.state = 'approved' AND r.maker_id = entry.maker_id
        AND d.actor_id = entry.checker_id AND entry.submitted_at <= r.created_at)
$$;

CREATE OR REPLACE FUNCTION approvals_entry_is_approved_by_its_round() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
  kinds text[] := '{journal_entry,reversal,write_off,transfer}';
  last approvals_approvalrequest;
  last_id bigint;
BEGIN
  -- Not by ORDER BY and LIMIT, for which the planner may walk through everybody's rounds.
  SELECT max(r.id) INTO last_id FROM approvals_approvalrequest r
  WHERE r.subject_kind = ANY (kinds) AND r.subject_id = NEW.id;
  IF last_id IS NULL THEN
    IF NEW.journal_import_id IS NOT NULL AND NOT approvals_import_approves(NEW) THEN
      PERFORM approvals_refuse('FM058', 'no approved round of its import stands behind it');
    END IF;
    RETURN NEW;
  END IF;
  SELECT * INTO last FROM approvals_approvalrequest WHERE id = last_id;
  IF last.state <> 'approved' THEN
    PERFORM approvals_refuse('FM058', format('the round of the entry is %s', last.state));
  END IF;
  IF (last.content_hash, last.maker_id) IS DISTINCT FROM (NEW.content_hash, NEW.maker_id) THEN
    PERFORM approvals_refuse('FM058', 'the round approved another content');
  END IF;
  IF NOT EXISTS (SELECT 1 FROM approvals_approvaldecision d WHERE d.request_id = last.id
      AND d.kind = 'approve' AND d.actor_id = NEW.checker_id) THEN
    PERFORM approvals_refuse('FM058', 'the checker approved nothing in the round');
  END IF;
  RETURN NEW;
END $$;

-- What came in by an import stays an entry of it, or its round would rule over nothing.
CREATE FUNCTION approvals_entry_keeps_import() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM approvals_refuse('FM058', 'an entry stays with its import');
  RETURN NULL;
END $$;
CREATE TRIGGER entry_keeps_import BEFORE UPDATE OF journal_import_id ON ledgers_journalentry
  FOR EACH ROW WHEN (OLD.journal_import_id IS DISTINCT FROM NEW.journal_import_id)
  EXECUTE FUNCTION approvals_entry_keeps_import();
