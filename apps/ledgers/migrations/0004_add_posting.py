"""Add the functions of the posting path."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent / "sql" / "posting.sql").read_text(encoding="utf-8")

# Half-empty pages keep the updates of the shared rows on their page (HOT).
KEEP_ROOM = """
ALTER TABLE ledgers_accountbalance SET (fillfactor = 50);
ALTER TABLE ledgers_accounttotal SET (fillfactor = 50);
ALTER TABLE ledgers_entrycounter SET (fillfactor = 20);
"""


class Migration(migrations.Migration):
    """Posting."""

    dependencies = [("ledgers", "0003_guard_master_data")]

    operations = [migrations.RunSQL(SQL), migrations.RunSQL(KEEP_ROOM)]
