"""Check reversals only where there are any: posting thousands of entries stays linear."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent / "sql" / "reversal_check.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    """A faster check of posted entries."""

    dependencies = [("ledgers", "0006_keep_import_decisions")]

    operations = [migrations.RunSQL(SQL)]
