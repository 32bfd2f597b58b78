"""Look at the lines that are added once, as there may be a million."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent / "sql" / "line_guard_in_one_look.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    """Replaces a function; what is refused stays the same."""

    dependencies = [("statements", "0007_let_columns_be_empty")]

    operations = [migrations.RunSQL(SQL)]
