"""Keep what each run made of its rows."""

import django.db.models.deletion
from django.db import migrations, models

from apps.audit.triggers import append_only


class Migration(migrations.Migration):
    """Outcomes, which only come."""

    dependencies = [
        ("audit", "0002_record_changes"),
        ("reconciliation", "0014_guard_stated_balances"),
    ]

    operations = [
        migrations.CreateModel(
            name="RunOutcome",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "side",
                    models.CharField(
                        choices=[("book", "book"), ("statement", "statement")],
                        max_length=9,
                        verbose_name="side",
                    ),
                ),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                (
                    "bucket",
                    models.CharField(
                        choices=[
                            ("exact", "exact"),
                            ("date", "date"),
                            ("group", "group"),
                            ("tolerance", "tolerance"),
                            ("textref", "textref"),
                            ("reversal", "reversal"),
                            ("manual", "manual"),
                            ("suggest_fuzzy", "suggest_fuzzy"),
                            ("suggest_amount", "suggest_amount"),
                            ("suggest_subset", "suggest_subset"),
                            ("ambiguous", "ambiguous"),
                            ("duplicate", "duplicate"),
                            ("date_break", "date_break"),
                            ("sign_break", "sign_break"),
                            ("amount_break", "amount_break"),
                            ("currency_break", "currency_break"),
                            ("fee", "fee"),
                            ("fx", "fx"),
                            ("missing_ext", "missing_ext"),
                            ("missing_int", "missing_int"),
                            ("invalid", "invalid"),
                        ],
                        max_length=14,
                        verbose_name="bucket",
                    ),
                ),
                ("count", models.PositiveIntegerField(verbose_name="rows")),
                (
                    "value",
                    models.DecimalField(decimal_places=4, max_digits=20, verbose_name="value"),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="outcomes",
                        to="reconciliation.reconciliationrun",
                    ),
                ),
            ],
            options={
                "verbose_name": "outcome of a run",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("run", "side", "currency", "bucket"),
                        name="run_tells_a_bucket_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("count__gt", 0), ("value__gte", 0)),
                        name="outcome_is_of_some_rows",
                    ),
                ],
            },
        ),
        append_only("reconciliation_runoutcome"),
    ]
