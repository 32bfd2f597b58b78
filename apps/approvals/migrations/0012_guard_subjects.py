"""Let PostgreSQL refuse subjects that would be approved around their rounds."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent / "sql" / "subject_guards.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    """Guards."""

    dependencies = [
        ("approvals", "0011_add_kinds_of_subjects"),
        ("fx", "0002_guard_rates"),
        ("ledgers", "0013_guard_settlement_proposals"),
        ("policies", "0002_guard_policies"),
    ]

    operations = [migrations.RunSQL(SQL)]
