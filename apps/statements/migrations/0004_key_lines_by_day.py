"""Key lines by their day first: a million come in order, and ranges of days need no more."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """One index for what two did."""

    dependencies = [("statements", "0003_prove_fingerprints")]

    operations = [
        migrations.RemoveConstraint("statementline", "statement_line_comes_once"),
        migrations.AddConstraint(
            "statementline",
            models.UniqueConstraint(
                fields=("channel", "booked_on", "fingerprint", "occurrence"),
                name="statement_line_comes_once",
            ),
        ),
        migrations.RemoveIndex("statementline", "statement_line_by_day"),
    ]
