"""Number one entry alone without sorting, and hand over what was posted as one value."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent / "sql" / "posting_of_one_entry.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    """A leaner way for the most usual call of the posting path."""

    dependencies = [("ledgers", "0018_trust_the_composite_keys")]

    operations = [migrations.RunSQL(SQL)]
