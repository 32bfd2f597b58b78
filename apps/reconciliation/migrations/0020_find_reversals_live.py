"""Let live matching know a row and its reversal, where the rules of a channel ask for it."""

from pathlib import Path

from django.db import migrations, models

SQL = (Path(__file__).parent / "sql" / "match_live_reversals.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    """One bucket more for rows since the last run, and the function with the pass."""

    dependencies = [("reconciliation", "0019_add_splits")]

    operations = [
        migrations.RemoveConstraint("liveitem", "live_bucket_is_known"),
        migrations.AddConstraint(
            "liveitem",
            models.CheckConstraint(
                condition=models.Q(
                    bucket__in=(
                        "",
                        "exact",
                        "date",
                        "reversal",
                        "duplicate",
                        "group",
                        "tolerance",
                    )
                ),
                name="live_bucket_is_known",
            ),
        ),
        migrations.RunSQL(SQL),
    ]
