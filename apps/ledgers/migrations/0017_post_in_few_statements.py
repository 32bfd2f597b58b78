"""Post in three statements: look up and number, write, add to the balances."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql" / "posting_in_few_statements.sql"


class Migration(migrations.Migration):
    """A leaner posting path."""

    dependencies = [("ledgers", "0016_guard_in_one_look")]

    operations = [migrations.RunSQL(SQL.read_text(encoding="utf-8"))]
