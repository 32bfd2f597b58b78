"""Take the gates of budgets by expressions: the trigger runs with every posting."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent / "sql" / "follow_new_entries.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    """One function, for the same trigger."""

    dependencies = [("budgets", "0002_follow_entries")]

    operations = [migrations.RunSQL(SQL)]
