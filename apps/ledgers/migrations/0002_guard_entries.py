"""Let PostgreSQL enforce what must hold of journal entries."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent / "sql" / "entry_guards.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    """Guards of the journal."""

    dependencies = [("ledgers", "0001_create_books")]

    operations = [migrations.RunSQL(SQL)]
