"""Let PostgreSQL refuse imported entries that no approved round of their import stands behind."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent / "sql" / "import_rounds.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    """Guards above the books."""

    dependencies = [
        ("approvals", "0025_add_imports_of_entries"),
        ("ledgers", "0020_name_what_is_posted"),
    ]

    operations = [migrations.RunSQL(SQL)]
