"""Let PostgreSQL keep statements as they came, and count only those that are proved."""

from pathlib import Path

from django.db import migrations

from apps.audit.triggers import audit_table

SQL = (Path(__file__).parent / "sql" / "statement_guards.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    """Guards and audit of statements."""

    dependencies = [
        ("statements", "0001_create_statements"),
        ("audit", "0002_record_changes"),
    ]

    operations = [
        migrations.RunSQL(SQL),
        audit_table("statements_statementpartner"),
        audit_table("statements_formatmapping"),
        audit_table("statements_channel"),
        audit_table("statements_statementfile", hidden=("findings",)),
    ]
