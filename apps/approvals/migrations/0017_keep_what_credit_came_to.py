"""Keep what was found out about the credit of counterparties; steps that depend on it."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0016_discard_drafts_of_flows"),
        ("credit", "0003_index_checks_by_time"),
    ]

    operations = [
        migrations.AddField(
            model_name="flowstep",
            name="checks_credit",
            field=models.BooleanField(
                db_default=False, default=False, verbose_name="only when credit is in doubt"
            ),
        ),
        migrations.CreateModel(
            name="CreditFinding",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "counterparty",
                    models.CharField(blank=True, max_length=50, verbose_name="counterparty"),
                ),
                ("needs_person", models.BooleanField(verbose_name="a person decides")),
                ("at", models.DateTimeField(auto_now_add=True, verbose_name="at")),
                (
                    "credit_check",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="credit.creditcheck",
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credit_findings",
                        to="approvals.approvalrequest",
                    ),
                ),
            ],
            options={
                "verbose_name": "credit finding",
                "ordering": ("request", "pk"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("request", "counterparty"), name="credit_is_found_once_for_each"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("credit_check__isnull", False),
                            models.Q(("counterparty", ""), ("needs_person", False)),
                            models.Q(
                                models.Q(("counterparty", ""), _negated=True),
                                ("needs_person", True),
                            ),
                            _connector="OR",
                        ),
                        name="credit_that_nobody_checked_needs_a_person",
                    ),
                ],
            },
        ),
    ]
