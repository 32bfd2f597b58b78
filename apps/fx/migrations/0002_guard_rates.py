"""Let PostgreSQL keep rates as they are, and tell every process of new ones."""

from pathlib import Path

from django.db import migrations

from apps.audit.triggers import audit_table

SQL = (Path(__file__).parent / "sql" / "rate_guards.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    """Guards and notification of rates."""

    dependencies = [
        ("fx", "0001_create_rates"),
        ("audit", "0002_record_changes"),
    ]

    operations = [
        migrations.RunSQL(
            SQL,
            """
            DROP TRIGGER rate_tell ON fx_exchangerate;
            DROP TRIGGER rate_keep ON fx_exchangerate;
            DROP TRIGGER rate_update_guard ON fx_exchangerate;
            DROP TRIGGER rate_insert_guard ON fx_exchangerate;
            DROP FUNCTION fx_rate_tell, fx_rate_keep, fx_rate_update_guard,
              fx_rate_insert_guard;
            """,
        ),
        audit_table("fx_exchangerate"),
        audit_table("fx_rateimport", hidden=("content",)),
    ]
