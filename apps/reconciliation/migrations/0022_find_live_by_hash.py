"""Find the rows of live matching by one index, whether or not the planner knows the table."""

from pathlib import Path

from django.db import migrations, models

SQL = (Path(__file__).parent / "sql" / "match_live_by_hash.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    """An index that no other can stand in for, and the functions that go by it."""

    dependencies = [("reconciliation", "0021_let_pairs_say_less")]

    operations = [
        migrations.RemoveIndex("liveitem", "live_by_reference"),
        migrations.AddIndex(
            "liveitem",
            models.Index(
                models.Func("reference", "channel_id", function="hashtextextended"),
                condition=~models.Q(reference=""),
                name="live_by_hash",
            ),
        ),
        migrations.RunSQL(SQL),
    ]
