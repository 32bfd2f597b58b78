"""Let PostgreSQL write what entries take of budgets, and refuse what hard ones do not hold."""

from pathlib import Path

from django.db import migrations

from apps.audit.triggers import audit_table

SQL = (Path(__file__).parent / "sql" / "follow_entries.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    """Triggers on entries and budgets, and audit."""

    dependencies = [("budgets", "0001_create_budgets")]

    operations = [
        migrations.RunSQL(SQL),
        audit_table("budgets_budget"),
    ]
