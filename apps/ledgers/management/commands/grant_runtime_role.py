"""Grant a database role what the application needs to run, and nothing more.

The role owns nothing, so it cannot switch a guard off. It may read everything, write
rows, and post through the posting functions; balances, totals and counters it may only
read. Run it as the owner after each `migrate`.
"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection, transaction

# Changed by the posting functions, which run as their owner, or by migrations alone.
READ_ONLY = {
    "budgets_budgettotal",
    "budgets_budgetuse",
    "events_eventpurge",
    "ledgers_accountbalance",
    "ledgers_accounttotal",
    "ledgers_entrycounter",
    "ledgers_openingbalance",
    "ledgers_openitem",
    "organizations_currency",
    "rollout_flag_groups",
    "rollout_flag_users",
    "django_migrations",
}
APPEND_ONLY = {
    "approvals_approvaldecision",
    "approvals_creditfinding",
    "approvals_flowstep",
    "approvals_requestattachment",
    "approvals_requestcomment",
    "audit_operationlog",
    "ledgers_attachment",
    "ledgers_closingentry",
    "ledgers_dimensionset",
    "ledgers_itemmovement",
    "rollout_flagexposure",
    "statements_statementline",
    "statements_statementpart",
}
# What people may change of an open item; the rest follows from posting and movements.
ITEM_COLUMNS = "due_on, reference, version"
HISTORY = "_historical"
# Rows that come and go: lines of drafts, what a person keeps for convenience, sessions.
DELETABLE_PREFIXES = ("axes_", "django_celery_beat_", "django_session")
DELETABLE = {
    "approvals_savedfilter",
    "ledgers_journalline",
    "ledgers_journalimporterror",
    "ledgers_savedview",
    "reports_dailyfigure",
}
# Given by posting.
POSTED_COLUMNS = {"number", "poster_id", "posted_at", "created_xid", "id"}
JOURNAL = "ledgers_journalentry"


class Command(BaseCommand):
    """Grant and revoke, so that a second run after an upgrade leaves the same."""

    help = "Grant a role that owns nothing what the application needs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the role's name."""
        parser.add_argument("role", help="an existing role, such as finance_app")

    def handle(self, *_args: object, **options: Any) -> None:
        """Grant in one transaction."""
        role = connection.ops.quote_name(options["role"])
        tables = connection.introspection.table_names()
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in _statements(role, tables, _journal_columns()):
                cursor.execute(statement)
        if options["verbosity"]:
            self.stdout.write(f"{options['role']}: {len(tables)} tables granted")


def _journal_columns() -> list[str]:
    with connection.cursor() as cursor:
        found = connection.introspection.get_table_description(cursor, JOURNAL)
    return [column.name for column in found if column.name not in POSTED_COLUMNS]


def _statements(role: str, tables: list[str], journal_columns: list[str]) -> list[str]:
    statements = [
        f"GRANT USAGE ON SCHEMA public TO {role}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}",
        f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}",
    ]
    for table in sorted(set(tables) - READ_ONLY):
        rights = ", ".join(_rights(table))
        statements.append(f"GRANT {rights} ON {connection.ops.quote_name(table)} TO {role}")
    columns = ", ".join(journal_columns)
    return [
        *statements,
        f"GRANT UPDATE ({columns}) ON {JOURNAL} TO {role}",
        f"GRANT UPDATE ({ITEM_COLUMNS}) ON ledgers_openitem TO {role}",
    ]


def _rights(table: str) -> list[str]:
    if table in APPEND_ONLY or HISTORY in table or table == JOURNAL:
        return ["INSERT"]
    if table in DELETABLE or table.startswith(DELETABLE_PREFIXES):
        return ["INSERT", "UPDATE", "DELETE"]
    return ["INSERT", "UPDATE"]
