-- What a draft's lines were before each save. Lines that are made together with their
-- entry need no record of their own: they stand in the journal, and when a later save
-- replaces them, the record of the removal holds them.

CREATE FUNCTION ledgers_draft_line_record(action text, p_entry bigint, p_lines jsonb)
RETURNS void LANGUAGE sql AS $$
  INSERT INTO audit_operationlog (operation_id, kind, action, actor_id, actor_name,
      organization_id, resource_type, resource_id, before, after, reason, trace_id,
      database_user, at)
    SELECT (context->>'operation_id')::uuid, coalesce(context->>'kind', 'sql'), action,
      (context->>'actor_id')::bigint, coalesce(context->>'actor_name', ''),
      (context->>'organization_id')::bigint, 'ledgers_journalline', p_entry::text,
      CASE WHEN action = 'delete' THEN jsonb_build_object('lines', p_lines) END,
      CASE WHEN action = 'insert' THEN jsonb_build_object('lines', p_lines) END,
      coalesce(context->>'reason', ''), coalesce(context->>'trace_id', ''), session_user,
      clock_timestamp()
    FROM audit_context() AS context
$$;

CREATE FUNCTION ledgers_draft_lines_removed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM ledgers_draft_line_record('delete', entry_id, jsonb_agg(
      to_jsonb(l) - '{ledger_id,entry_id,debit,credit}'::text[] ORDER BY position))
    FROM old_lines l GROUP BY entry_id;
  RETURN NULL;
END $$;
CREATE TRIGGER journalline_audit_delete AFTER DELETE ON ledgers_journalline
  REFERENCING OLD TABLE AS old_lines
  FOR EACH STATEMENT EXECUTE FUNCTION ledgers_draft_lines_removed();

CREATE FUNCTION ledgers_draft_lines_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM ledgers_draft_line_record('insert', l.entry_id, jsonb_agg(
      to_jsonb(l) - '{ledger_id,entry_id,debit,credit}'::text[] ORDER BY position))
    FROM new_lines l
    WHERE l.entry_id IN (SELECT e.id FROM ledgers_journalentry e
      WHERE e.id IN (SELECT entry_id FROM new_lines) AND e.created_xid <> pg_current_xact_id())
    GROUP BY l.entry_id;
  RETURN NULL;
END $$;
CREATE TRIGGER journalline_audit_insert AFTER INSERT ON ledgers_journalline
  REFERENCING NEW TABLE AS new_lines
  FOR EACH STATEMENT EXECUTE FUNCTION ledgers_draft_lines_added();
