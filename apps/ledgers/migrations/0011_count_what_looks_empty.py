"""Let a large transaction count the rows that it has written itself."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent / "sql" / "statistics.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    """Statistics for imports and large batches."""

    dependencies = [("ledgers", "0010_guard_closing")]

    operations = [
        migrations.RunSQL(SQL, "DROP FUNCTION ledgers_count_what_looks_empty()"),
    ]
