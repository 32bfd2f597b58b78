"""Let PostgreSQL keep the breaks that a signed-off run closed."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent / "sql" / "signed_break_guards.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    """One more guard of breaks."""

    dependencies = [("reconciliation", "0009_guard_hand_matches")]

    operations = [migrations.RunSQL(SQL)]
