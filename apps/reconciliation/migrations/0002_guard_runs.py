"""Let PostgreSQL keep rules and signed-off matches, and let runs take legal steps only."""

from pathlib import Path

from django.db import migrations

from apps.audit.triggers import audit_table

SQL = (Path(__file__).parent / "sql" / "reconciliation_guards.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    """Guards and audit of rules and runs."""

    dependencies = [
        ("reconciliation", "0001_create_runs"),
        ("audit", "0002_record_changes"),
    ]

    operations = [
        migrations.RunSQL(SQL),
        audit_table("reconciliation_ruleset"),
        audit_table("reconciliation_rulesetversion"),
        audit_table("reconciliation_reconciliationrun", hidden=("progress",)),
    ]
