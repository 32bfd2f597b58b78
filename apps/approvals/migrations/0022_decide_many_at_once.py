"""Keep what people decide by one press, so that it can be undone before it happens."""

from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from apps.audit.triggers import audit_table

SQL = (Path(__file__).parent / "sql" / "decision_batches.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    """Tables, guards, audit."""

    dependencies = [
        ("approvals", "0021_remember_digests_that_failed"),
        ("audit", "0002_record_changes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DecisionBatch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "verdict",
                    models.CharField(
                        choices=[("approve", "approve"), ("reject", "reject")],
                        max_length=9,
                        verbose_name="decision",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="reason")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "about to be carried out"),
                            ("running", "being carried out"),
                            ("done", "carried out"),
                            ("undone", "undone"),
                        ],
                        default="pending",
                        max_length=7,
                        verbose_name="state",
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="when")),
                ("due_at", models.DateTimeField(verbose_name="carried out at")),
                ("lease_until", models.DateTimeField(null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decision_batches",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "decisions at once",
            },
        ),
        migrations.CreateModel(
            name="BatchItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("waiting", "not yet"),
                            ("done", "done"),
                            ("refused", "refused"),
                            ("left_out", "left out"),
                        ],
                        default="waiting",
                        max_length=8,
                        verbose_name="result",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=500, verbose_name="note")),
                (
                    "task",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="batch_items",
                        to="approvals.approvaltask",
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="items",
                        to="approvals.decisionbatch",
                    ),
                ),
            ],
            options={
                "verbose_name": "decision of many",
                "ordering": ("batch", "pk"),
            },
        ),
        migrations.AddIndex(
            model_name="decisionbatch",
            index=models.Index(
                condition=models.Q(("state__in", ("pending", "running"))),
                fields=["due_at"],
                name="batch_to_carry_out",
            ),
        ),
        migrations.AddConstraint(
            model_name="decisionbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(("verdict__in", ("approve", "reject"))),
                name="batch_approves_or_rejects",
            ),
        ),
        migrations.AddConstraint(
            model_name="batchitem",
            constraint=models.UniqueConstraint(
                fields=("batch", "task"), name="batch_has_a_task_once"
            ),
        ),
        migrations.RunSQL(SQL),
        audit_table("approvals_decisionbatch"),
        audit_table("approvals_batchitem"),
    ]
