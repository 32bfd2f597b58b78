"""Let PostgreSQL guard rollouts, record them, and tell every process."""

from pathlib import Path

from django.db import migrations

from apps.audit.triggers import append_only, audit_table

SQL = (Path(__file__).parent / "sql" / "rollout_guards.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    """Guards, audit and notification."""

    dependencies = [
        ("rollout", "0001_create_flags"),
        ("audit", "0002_record_changes"),
    ]

    operations = [
        migrations.RunSQL(SQL),
        audit_table("rollout_flag"),
        audit_table("rollout_flagoverride"),
        audit_table("rollout_rampstep"),
        append_only("rollout_flagexposure"),
    ]
