"""The SQL of the audit triggers, for migrations of every app.

A table is put under audit by one operation in the migration that makes it:

    operations = [..., audit_table("ledgers_account")]

The triggers fire once for a statement, whatever the number of rows.
"""

from __future__ import annotations

from django.db import migrations

RECORD_FUNCTIONS = r"""
CREATE FUNCTION audit_context() RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT coalesce(nullif(current_setting('app.context', true), ''), '{}')::jsonb
$$;

CREATE FUNCTION audit_insert() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE hidden text[] := TG_ARGV[0]::text[];
BEGIN
  INSERT INTO audit_operationlog (
    operation_id, kind, action, actor_id, actor_name, organization_id, resource_type,
    resource_id, before, after, reason, trace_id, database_user, at)
  WITH context AS MATERIALIZED (
    SELECT (c->>'operation_id')::uuid AS operation_id, coalesce(c->>'kind', 'sql') AS kind,
      (c->>'actor_id')::bigint AS actor_id, coalesce(c->>'actor_name', '') AS actor_name,
      (c->>'organization_id')::bigint AS organization_id, coalesce(c->>'reason', '') AS reason,
      coalesce(c->>'trace_id', '') AS trace_id
    FROM audit_context() AS c
  )
  SELECT c.operation_id, c.kind, 'insert', c.actor_id, c.actor_name,
    coalesce((row->>'organization_id')::bigint, c.organization_id), TG_TABLE_NAME,
    coalesce(row->>'id', row->>'code'), NULL, row - hidden, c.reason, c.trace_id, session_user,
    clock_timestamp()
  FROM context c, (SELECT to_jsonb(n) AS row FROM new_rows n OFFSET 0) changed;
  RETURN NULL;
END $$;

CREATE FUNCTION audit_update() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE hidden text[] := TG_ARGV[0]::text[]; context jsonb := audit_context();
BEGIN
  INSERT INTO audit_operationlog (
    operation_id, kind, action, actor_id, actor_name, organization_id, resource_type,
    resource_id, before, after, reason, trace_id, database_user, at)
  SELECT (context->>'operation_id')::uuid, coalesce(context->>'kind', 'sql'), 'update',
    (context->>'actor_id')::bigint, coalesce(context->>'actor_name', ''),
    coalesce(new_row->>'organization_id', context->>'organization_id')::bigint, TG_TABLE_NAME,
    coalesce(new_row->>'id', new_row->>'code'), was, became,
    coalesce(context->>'reason', ''), coalesce(context->>'trace_id', ''), session_user,
    clock_timestamp()
  FROM (SELECT to_jsonb(o) - hidden AS old_row, to_jsonb(n) - hidden AS new_row
        FROM new_rows n JOIN old_rows o USING (id)) changed
  CROSS JOIN LATERAL (
    SELECT jsonb_object_agg(key, value) AS was, jsonb_object_agg(key, new_row->key) AS became
    FROM jsonb_each(old_row) WHERE new_row->key IS DISTINCT FROM value) difference;
  RETURN NULL;
END $$;

CREATE FUNCTION audit_delete() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE hidden text[] := TG_ARGV[0]::text[]; context jsonb := audit_context();
BEGIN
  INSERT INTO audit_operationlog (
    operation_id, kind, action, actor_id, actor_name, organization_id, resource_type,
    resource_id, before, after, reason, trace_id, database_user, at)
  SELECT (context->>'operation_id')::uuid, coalesce(context->>'kind', 'sql'), 'delete',
    (context->>'actor_id')::bigint, coalesce(context->>'actor_name', ''),
    coalesce(row->>'organization_id', context->>'organization_id')::bigint, TG_TABLE_NAME,
    coalesce(row->>'id', row->>'code'), row - hidden, NULL, coalesce(context->>'reason', ''),
    coalesce(context->>'trace_id', ''), session_user, clock_timestamp()
  FROM (SELECT to_jsonb(o) AS row FROM old_rows o) changed;
  RETURN NULL;
END $$;

CREATE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'FM007';
END $$;
"""

DROP_RECORD_FUNCTIONS = """
DROP FUNCTION audit_insert, audit_update, audit_delete, audit_refuse_change, audit_context;
"""


def append_only(table: str) -> migrations.RunSQL:
    """Return the operation that makes PostgreSQL refuse to change rows of a table."""
    return migrations.RunSQL(
        f"""
        CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
          FOR EACH ROW EXECUTE FUNCTION audit_refuse_change();
        CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
          EXECUTE FUNCTION audit_refuse_change();
        """,
        f"""
        DROP TRIGGER {table}_append_only ON {table};
        DROP TRIGGER {table}_no_truncate ON {table};
        """,
    )


def audit_table(table: str, *, hidden: tuple[str, ...] = ()) -> migrations.RunSQL:
    """Return the operation that writes every change of a table into the operation log.

    `hidden` names columns that are left out, such as a password hash.
    """
    argument = f"'{{{','.join(hidden)}}}'" if hidden else "'{}'"
    return migrations.RunSQL(
        f"""
        CREATE TRIGGER {table}_audit_insert AFTER INSERT ON {table}
          REFERENCING NEW TABLE AS new_rows
          FOR EACH STATEMENT EXECUTE FUNCTION audit_insert({argument});
        CREATE TRIGGER {table}_audit_update AFTER UPDATE ON {table}
          REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
          FOR EACH STATEMENT EXECUTE FUNCTION audit_update({argument});
        CREATE TRIGGER {table}_audit_delete AFTER DELETE ON {table}
          REFERENCING OLD TABLE AS old_rows
          FOR EACH STATEMENT EXECUTE FUNCTION audit_delete({argument});
        """,
        f"""
        DROP TRIGGER {table}_audit_insert ON {table};
        DROP TRIGGER {table}_audit_update ON {table};
        DROP TRIGGER {table}_audit_delete ON {table};
        """,
    )
