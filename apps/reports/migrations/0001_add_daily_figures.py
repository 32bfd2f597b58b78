"""Add the figures of the day, which dashboards read."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Sums of events by day."""

    initial = True

    dependencies = [
        ("ledgers", "0021_tell_of_postings"),
        ("organizations", "0004_add_settlement_limit"),
    ]

    operations = [
        migrations.CreateModel(
            name="DailyFigure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(verbose_name="day")),
                (
                    "measure",
                    models.CharField(
                        choices=[
                            ("posted", "entries posted"),
                            ("reversed", "entries reversed"),
                            ("decided", "requests decided"),
                            ("rates", "rates confirmed"),
                            ("reconciled", "reconciliations finished"),
                        ],
                        max_length=10,
                        verbose_name="measure",
                    ),
                ),
                ("detail", models.CharField(blank=True, max_length=10, verbose_name="detail")),
                ("count", models.BigIntegerField(verbose_name="count")),
                (
                    "amount",
                    models.DecimalField(decimal_places=4, max_digits=28, verbose_name="amount"),
                ),
                ("seconds", models.BigIntegerField()),
                (
                    "ledger",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledgers.ledger",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organizations.organization",
                    ),
                ),
            ],
            options={
                "verbose_name": "daily figure",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "ledger", "day", "measure", "detail"),
                        name="daily_figure_is_one_for_each_key",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
    ]
