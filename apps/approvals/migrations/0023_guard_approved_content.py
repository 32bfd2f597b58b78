"""Let PostgreSQL ask which content a round approved, and whether the checker did."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent / "sql" / "approved_content.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    """A guard above the books."""

    dependencies = [("approvals", "0022_decide_many_at_once")]

    operations = [migrations.RunSQL(SQL)]
