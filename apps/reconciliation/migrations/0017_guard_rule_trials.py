"""Let PostgreSQL refuse rules that nobody tried, and record every trial."""

from pathlib import Path

from django.db import migrations

from apps.audit.triggers import audit_table

SQL = (Path(__file__).parent / "sql" / "rule_trial_guards.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    """Guards and audit of trials."""

    dependencies = [
        ("reconciliation", "0016_add_rule_trials"),
        ("audit", "0002_record_changes"),
    ]

    operations = [
        migrations.RunSQL(SQL),
        audit_table("reconciliation_ruletrial", hidden=("result",)),
    ]
