"""Let PostgreSQL guard tasks that are handed over."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent / "sql" / "handed_over.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    """Guards."""

    dependencies = [("approvals", "0019_hand_tasks_over")]

    operations = [migrations.RunSQL(SQL)]
