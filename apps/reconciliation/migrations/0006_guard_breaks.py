"""Let PostgreSQL keep breaks about their rows, and record each change of them."""

from pathlib import Path

from django.db import migrations

from apps.audit.triggers import append_only, audit_table

SQL = (Path(__file__).parent / "sql" / "break_guards.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    """Guards and audit of breaks and of what is said about them."""

    dependencies = [
        ("reconciliation", "0005_add_breaks"),
        ("audit", "0002_record_changes"),
    ]

    operations = [
        migrations.RunSQL(SQL),
        audit_table("reconciliation_break"),
        audit_table("reconciliation_breakcomment"),
        audit_table("reconciliation_breakattachment"),
        append_only("reconciliation_breakrollforward"),
        append_only("reconciliation_breakcomment"),
        append_only("reconciliation_breakattachment"),
    ]
