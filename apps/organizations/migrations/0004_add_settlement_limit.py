"""Add the limit above which settlements wait for approval."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("organizations", "0003_guard_roles"),
    ]

    operations = [
        migrations.AddField(
            model_name="historicalorganization",
            name="settlement_limit",
            field=models.DecimalField(
                blank=True,
                decimal_places=4,
                max_digits=20,
                null=True,
                verbose_name="settlements above this wait for approval",
            ),
        ),
        migrations.AddField(
            model_name="organization",
            name="settlement_limit",
            field=models.DecimalField(
                blank=True,
                decimal_places=4,
                max_digits=20,
                null=True,
                verbose_name="settlements above this wait for approval",
            ),
        ),
        migrations.AddConstraint(
            model_name="organization",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("settlement_limit", None), ("settlement_limit__gte", 0), _connector="OR"
                ),
                name="settlement_limit_is_not_negative",
            ),
        ),
    ]
