"""Let PostgreSQL fill in what all exact pairs say: their rule, and that they do not differ."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Defaults for what need not be sent."""

    dependencies = [("reconciliation", "0020_find_reversals_live")]

    operations = [
        migrations.AlterField(
            "matcheditem",
            "delta",
            models.DecimalField(
                verbose_name="difference",
                max_digits=20,
                decimal_places=4,
                default=0,
                db_default=0,
            ),
        ),
        migrations.AlterField(
            "matcheditem",
            "pass_name",
            models.CharField(
                verbose_name="rule", max_length=20, blank=True, default="", db_default="exact"
            ),
        ),
    ]
