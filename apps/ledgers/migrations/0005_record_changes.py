"""Record every change of the books' own tables in the operation log."""

from pathlib import Path

from django.db import migrations

from apps.audit.triggers import append_only, audit_table

SQL = (Path(__file__).parent / "sql" / "draft_line_audit.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    """Audit triggers; balances follow from posted lines and need none."""

    dependencies = [
        ("ledgers", "0004_add_posting"),
        ("audit", "0002_record_changes"),
    ]

    operations = [
        audit_table("ledgers_chartofaccounts"),
        audit_table("ledgers_account"),
        audit_table("ledgers_dimensiontype"),
        audit_table("ledgers_dimensionvalue"),
        audit_table("ledgers_dimensionset"),
        audit_table("ledgers_ledger"),
        audit_table("ledgers_period"),
        audit_table("ledgers_journalentry"),
        audit_table("ledgers_attachment"),
        audit_table("ledgers_savedview"),
        audit_table("ledgers_journalimport", hidden=("headers",)),
        append_only("ledgers_attachment"),
        append_only("ledgers_dimensionset"),
        migrations.RunSQL(SQL),
    ]
