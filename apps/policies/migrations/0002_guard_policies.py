"""Let PostgreSQL keep policies as they were decided, record them, and tell every process."""

from pathlib import Path

from django.db import migrations

from apps.audit.triggers import audit_table

SQL = (Path(__file__).parent / "sql" / "policy_guards.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    """Guards, audit and notification."""

    dependencies = [
        ("policies", "0001_create_policies"),
        ("audit", "0002_record_changes"),
    ]

    operations = [migrations.RunSQL(SQL), audit_table("policies_financepolicy")]
