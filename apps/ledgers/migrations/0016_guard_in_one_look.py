"""Ask all that posting asks in one statement, and only what it found in others."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent / "sql" / "guards_in_one_look.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    """The guards of the journal, leaner."""

    dependencies = [("ledgers", "0015_name_dimension_owners")]

    operations = [migrations.RunSQL(SQL)]
