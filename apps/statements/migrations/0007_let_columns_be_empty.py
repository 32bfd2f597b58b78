"""Let PostgreSQL fill in what a file does not tell of its lines: it need not be sent."""

from django.db import migrations, models

COLUMNS = (
    ("reference", "reference", 140),
    ("partner_reference", "partner's reference", 140),
    ("batch", "batch", 140),
    ("kind", "kind", 60),
    ("counterparty", "counterparty", 200),
    ("counter_account", "counterparty's account", 64),
    ("text", "text", 1000),
)


class Migration(migrations.Migration):
    """Defaults for the texts of a line."""

    dependencies = [("statements", "0006_guard_stated_balances")]

    operations = [
        migrations.AlterField(
            "statementline",
            name,
            models.CharField(verbose_name=label, max_length=length, db_default=""),
        )
        for name, label, length in COLUMNS
    ]
