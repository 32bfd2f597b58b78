"""Let PostgreSQL keep the stated balances that a signed-off proof stands on."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent / "sql" / "stated_balance_guards.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    """A guard of what another application keeps."""

    dependencies = [
        ("reconciliation", "0013_add_schedules"),
        ("statements", "0006_guard_stated_balances"),
    ]

    operations = [migrations.RunSQL(SQL)]
