"""Make fingerprints of lines something that PostgreSQL can compute and prove."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent / "sql" / "fingerprints.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    """Fingerprints by SHA-256."""

    dependencies = [("statements", "0002_guard_statements")]

    operations = [migrations.RunSQL(SQL, elidable=False)]
