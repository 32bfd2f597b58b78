"""Let PostgreSQL refuse an entry that is approved around its round."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent / "sql" / "approved_subjects.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    """A guard above the books."""

    dependencies = [
        ("approvals", "0008_ask_whoever_may_approve"),
        ("ledgers", "0013_guard_settlement_proposals"),
    ]

    operations = [migrations.RunSQL(SQL)]
