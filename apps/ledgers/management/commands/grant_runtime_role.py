"""Give a database role exactly what the running application needs, and nothing else.

    manage.py grant_runtime_role finance_app [--create]

The role owns nothing: it cannot change the schema or a trigger, cannot truncate, cannot
write balances or voucher numbers past the posting path, and cannot change what is
append-only. Run it as the owner after every `migrate`; it takes back what is no longer meant.
"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from psycopg import sql

READ_ONLY = {
    "django_content_type",
    "django_migrations",
    "ledgers_accountbalance",
    "ledgers_accounttotal",
    "ledgers_entrycounter",
    "organizations_currency",
}
INSERT_ONLY = {
    "audit_operationlog",
    "django_admin_log",
    "ledgers_attachment",
    "ledgers_dimensionset",
}
# Histories are written once, like the log.
HISTORY = "_historical"
# Lines of drafts are replaced by a save; the rest is nobody's record.
INSERT_AND_DELETE = {"ledgers_journalimporterror", "ledgers_journalline"}
DELETABLE = {
    "django_session",
    "ledgers_savedview",
    "organizations_user_groups",
    "organizations_user_user_permissions",
}
DELETABLE_PREFIXES = ("axes_", "auth_group", "django_celery_beat_")
# Only the posting path, which runs as the owner, moves an entry to posted.
FIXED_COLUMNS = {
    "ledgers_journalentry": {"id", "number", "poster_id", "posted_at", "created_xid"},
}
# Called by the posting path alone; PostgreSQL lets everybody execute a function at first.
OWNER_FUNCTIONS = ("ledgers_post_locked(bigint[], bigint)",)


class Command(BaseCommand):
    """Grant the rights of the application to a role."""

    help = "Give a database role what the running application needs, and nothing else."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the role."""
        parser.add_argument("role")
        parser.add_argument("--create", action="store_true", help="make the role if missing")

    def handle(self, *_args: object, **options: Any) -> None:
        """Take everything back, then grant table by table."""
        role = options["role"]
        with transaction.atomic():
            self._require_plain_role(role, may_create=options["create"])
            _run("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}", role)
            _run("REVOKE CREATE ON SCHEMA public FROM PUBLIC, {role}", role)
            _run("GRANT USAGE ON SCHEMA public TO {role}", role)
            _run("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}", role)
            _run("GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}", role)
            for table, columns in _tables().items():
                _grant(role, table, columns)
            for function in OWNER_FUNCTIONS:
                _run(f"REVOKE EXECUTE ON FUNCTION {function} FROM PUBLIC, {{role}}", role)
        if options["verbosity"]:
            self.stdout.write(f"{role} may run the application and owns nothing")

    def _require_plain_role(self, role: str, *, may_create: bool) -> None:
        found = _rows(
            """SELECT rolsuper OR rolbypassrls OR rolcreaterole OR EXISTS (
                 SELECT 1 FROM pg_class c WHERE c.relowner = r.oid)
               FROM pg_roles r WHERE rolname = %s""",
            [role],
        )
        if not found and may_create:
            _run("CREATE ROLE {role} LOGIN", role)
        elif not found:
            message = f"there is no role {role}; make it, or add --create"
            raise CommandError(message, returncode=2)
        elif found[0][0]:
            message = f"{role} owns tables or is above the rules; take a role of its own"
            raise CommandError(message, returncode=2)


def privileges_of(table: str) -> tuple[str, ...]:
    """Return what the application does with a table beside reading it."""
    if table in READ_ONLY:
        return ()
    if table in INSERT_ONLY or HISTORY in table:
        return ("INSERT",)
    if table in INSERT_AND_DELETE:
        return ("INSERT", "DELETE")
    if table in DELETABLE or table.startswith(DELETABLE_PREFIXES):
        return ("INSERT", "UPDATE", "DELETE")
    return ("INSERT", "UPDATE")


def _grant(role: str, table: str, columns: list[str]) -> None:
    for privilege in privileges_of(table):
        fixed = FIXED_COLUMNS.get(table, set()) if privilege == "UPDATE" else set()
        chosen = [sql.Identifier(column) for column in columns if column not in fixed]
        what = sql.SQL(privilege)
        if fixed:
            what += sql.SQL(" ({})").format(sql.SQL(", ").join(chosen))
        statement = sql.SQL("GRANT {what} ON {table} TO {role}").format(
            what=what, table=sql.Identifier(table), role=sql.Identifier(role)
        )
        _execute(statement)


def _tables() -> dict[str, list[str]]:
    rows = _rows(
        """SELECT c.table_name, array_agg(c.column_name::text ORDER BY c.ordinal_position)
           FROM information_schema.columns c
           JOIN information_schema.tables t USING (table_schema, table_name)
           WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE'
             AND c.is_generated = 'NEVER'
           GROUP BY 1 ORDER BY 1""",
        [],
    )
    return dict(rows)


def _run(text: str, role: str) -> None:
    _execute(sql.SQL(text).format(role=sql.Identifier(role)))  # type: ignore[arg-type]


def _execute(statement: sql.Composed) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement.as_string(cursor.connection))


def _rows(query: str, parameters: list[str]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return list(cursor.fetchall())
