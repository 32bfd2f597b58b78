"""Post an entry that comes alone by itself, and write events in the statement that posts."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent / "sql" / "events_of_postings.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    """Events of postings and reversals."""

    dependencies = [
        ("ledgers", "0020_name_what_is_posted"),
        ("events", "0003_write_events_cheaper"),
    ]

    operations = [migrations.RunSQL(SQL)]
