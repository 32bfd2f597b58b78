"""Let PostgreSQL prove matches by hand, and record each step of them and of write-offs."""

from pathlib import Path

from django.db import migrations

from apps.audit.triggers import audit_table

SQL = (Path(__file__).parent / "sql" / "hand_match_guards.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    """Guards and audit of matches by hand and write-offs."""

    dependencies = [
        ("reconciliation", "0008_add_hand_matches"),
        ("ledgers", "0021_tell_of_postings"),
        ("audit", "0002_record_changes"),
    ]

    operations = [
        migrations.RunSQL(SQL),
        audit_table("reconciliation_handmatch"),
        audit_table("reconciliation_writeoff"),
    ]
