"""Partitions of large runs, and the files that their tasks hand to each other."""

import django.db.models.deletion
from django.db import migrations, models

from apps.audit.triggers import audit_table

# Blocks are compressed already: PostgreSQL need not try.
STORED_AS_IT_IS = """
ALTER TABLE reconciliation_runfile ALTER COLUMN content SET STORAGE EXTERNAL
"""


class Migration(migrations.Migration):
    """State of partitions, with a trace; files come and go with their run."""

    dependencies = [
        ("audit", "0002_record_changes"),
        ("reconciliation", "0017_guard_rule_trials"),
    ]

    operations = [
        migrations.CreateModel(
            name="RunFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="number")),
                ("name", models.CharField(max_length=40, verbose_name="name")),
                ("block", models.PositiveIntegerField(verbose_name="block")),
                ("content", models.BinaryField(verbose_name="content")),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="files",
                        to="reconciliation.reconciliationrun",
                    ),
                ),
            ],
            options={
                "verbose_name": "file of a run",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("run", "number", "name", "block"), name="block_is_there_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RunPartition",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="number")),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "waiting"), ("done", "done")],
                        default="waiting",
                        max_length=7,
                        verbose_name="state",
                    ),
                ),
                ("rows", models.PositiveIntegerField(default=0, verbose_name="rows")),
                ("facts", models.JSONField(default=dict)),
                ("lease_until", models.DateTimeField(null=True)),
                ("attempt", models.PositiveSmallIntegerField(default=0)),
                ("version", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="when")),
                ("started_at", models.DateTimeField(null=True, verbose_name="started")),
                ("finished_at", models.DateTimeField(null=True, verbose_name="finished")),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="partitions",
                        to="reconciliation.reconciliationrun",
                    ),
                ),
            ],
            options={
                "verbose_name": "partition of a run",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "waiting")),
                        fields=["run"],
                        name="partition_waiting",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("run", "number"), name="partition_is_there_once"
                    )
                ],
            },
        ),
        migrations.RunSQL(STORED_AS_IT_IS, migrations.RunSQL.noop),
        audit_table("reconciliation_runpartition", hidden=("facts",)),
    ]
