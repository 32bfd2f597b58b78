"""Let PostgreSQL enforce what must hold of periods and accounts."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent / "sql" / "master_data_guards.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    """Guards of periods and accounts."""

    dependencies = [("ledgers", "0002_guard_entries")]

    operations = [migrations.RunSQL(SQL)]
