"""Let PostgreSQL keep what people stated, and only where no file tells a balance."""

from pathlib import Path

from django.db import migrations

from apps.audit.triggers import audit_table

SQL = (Path(__file__).parent / "sql" / "stated_balance_guards.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    """Guards and audit of stated balances."""

    dependencies = [
        ("statements", "0005_add_stated_balances"),
        ("audit", "0002_record_changes"),
    ]

    operations = [migrations.RunSQL(SQL), audit_table("statements_statedbalance")]
