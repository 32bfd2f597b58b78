"""Let PostgreSQL keep settlements above the limit waiting for another person."""

from pathlib import Path

from django.db import migrations

from apps.audit.triggers import audit_table

SQL = (Path(__file__).parent / "sql" / "settlement_proposals.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    """Guards and audit triggers of proposed settlements."""

    dependencies = [
        ("ledgers", "0012_propose_settlements"),
        ("organizations", "0004_add_settlement_limit"),
    ]

    operations = [
        migrations.RunSQL(SQL),
        audit_table("ledgers_settlementproposal"),
    ]
