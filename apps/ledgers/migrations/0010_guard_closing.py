"""Let PostgreSQL write opening balances, ask for the approval of a reopening, and record it."""

from pathlib import Path

from django.db import migrations

from apps.audit.triggers import append_only, audit_table

SQL = (Path(__file__).parent / "sql" / "closing.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    """Guards and audit triggers of closing."""

    dependencies = [("ledgers", "0009_add_closing")]

    operations = [
        migrations.RunSQL(SQL),
        audit_table("ledgers_closingsettings"),
        audit_table("ledgers_closerun"),
        audit_table("ledgers_closingentry"),
        audit_table("ledgers_reopenrequest"),
        append_only("ledgers_closingentry"),
    ]
