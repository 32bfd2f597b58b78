"""Let PostgreSQL compare steps, limits and delegations with what counts together."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent / "sql" / "split_amounts.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    """One guard, and two functions that weigh anew."""

    dependencies = [("approvals", "0013_count_what_is_split")]

    operations = [migrations.RunSQL(SQL)]
