"""Let a relay pass by a consumer that stands still."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent / "sql" / "pass_by.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    """Whoever finds a cursor held serves the next one."""

    dependencies = [
        ("events", "0006_find_events_by_key"),
    ]

    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
