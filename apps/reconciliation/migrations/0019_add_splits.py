"""Let rows be split into parts; PostgreSQL proves that parts add up to their row."""

from pathlib import Path

import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models

from apps.audit.triggers import append_only, audit_table

SQL = (Path(__file__).parent / "sql" / "split_guards.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0002_record_changes"),
        ("ledgers", "0021_tell_of_postings"),
        ("organizations", "0004_add_settlement_limit"),
        ("reconciliation", "0018_add_partitions"),
        ("statements", "0006_guard_stated_balances"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="break",
            name="resolution",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "not yet"),
                    ("matched", "matched by a run"),
                    ("manual", "matched by hand"),
                    ("suggestion", "suggestion accepted"),
                    ("written_off", "written off"),
                    ("duplicate", "marked as a duplicate"),
                    ("split", "split into parts"),
                    ("rejoined", "put back together"),
                ],
                default="",
                max_length=11,
                verbose_name="how it ended",
            ),
        ),
        migrations.AlterField(
            model_name="historicalbreak",
            name="resolution",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "not yet"),
                    ("matched", "matched by a run"),
                    ("manual", "matched by hand"),
                    ("suggestion", "suggestion accepted"),
                    ("written_off", "written off"),
                    ("duplicate", "marked as a duplicate"),
                    ("split", "split into parts"),
                    ("rejoined", "put back together"),
                ],
                default="",
                max_length=11,
                verbose_name="how it ended",
            ),
        ),
        migrations.CreateModel(
            name="HistoricalRowSplit",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("created_at", models.DateTimeField(blank=True, editable=False)),
                ("updated_at", models.DateTimeField(blank=True, editable=False)),
                (
                    "side",
                    models.CharField(
                        choices=[("book", "book"), ("statement", "statement")],
                        max_length=9,
                        verbose_name="side",
                    ),
                ),
                ("item_id", models.BigIntegerField()),
                ("line_id", models.BigIntegerField()),
                ("part_count", models.PositiveSmallIntegerField(verbose_name="parts")),
                (
                    "amount",
                    models.DecimalField(decimal_places=4, max_digits=20, verbose_name="amount"),
                ),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("before", models.JSONField(default=dict)),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="reason")),
                ("is_undone", models.BooleanField(default=False, verbose_name="undone")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                        max_length=1,
                    ),
                ),
                (
                    "channel",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="statements.channel",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="organizations.organization",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="reconciliation.reconciliationrun",
                    ),
                ),
                (
                    "undone_run",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="reconciliation.reconciliationrun",
                    ),
                ),
                (
                    "updated_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical split row",
                "verbose_name_plural": "historical split rows",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="RowSplit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "side",
                    models.CharField(
                        choices=[("book", "book"), ("statement", "statement")],
                        max_length=9,
                        verbose_name="side",
                    ),
                ),
                ("item_id", models.BigIntegerField()),
                ("line_id", models.BigIntegerField()),
                ("part_count", models.PositiveSmallIntegerField(verbose_name="parts")),
                (
                    "amount",
                    models.DecimalField(decimal_places=4, max_digits=20, verbose_name="amount"),
                ),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("before", models.JSONField(default=dict)),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="reason")),
                ("is_undone", models.BooleanField(default=False, verbose_name="undone")),
                (
                    "channel",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="splits",
                        to="statements.channel",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organizations.organization",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="splits",
                        to="reconciliation.reconciliationrun",
                    ),
                ),
                (
                    "undone_run",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="undone_splits",
                        to="reconciliation.reconciliationrun",
                    ),
                ),
                (
                    "updated_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "split row",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="RowPart",
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
                ("item_id", models.BigIntegerField()),
                ("line_id", models.BigIntegerField()),
                ("position", models.PositiveSmallIntegerField(verbose_name="part")),
                (
                    "amount",
                    models.DecimalField(decimal_places=4, max_digits=20, verbose_name="amount"),
                ),
                ("note", models.CharField(blank=True, max_length=500, verbose_name="note")),
                (
                    "channel",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="statements.channel",
                    ),
                ),
                (
                    "split",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parts",
                        to="reconciliation.rowsplit",
                    ),
                ),
            ],
            options={
                "verbose_name": "part of a row",
                "ordering": ("split", "position"),
            },
        ),
        migrations.AddConstraint(
            model_name="rowsplit",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_undone", False)),
                fields=("channel", "side", "item_id"),
                name="row_is_split_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="rowsplit",
            constraint=models.CheckConstraint(
                condition=models.Q(("part_count__gte", 2)), name="split_has_two_parts"
            ),
        ),
        migrations.AddConstraint(
            model_name="rowsplit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("is_undone", True), ("undone_run__isnull", False)),
                    models.Q(("is_undone", False), ("undone_run", None)),
                    _connector="OR",
                ),
                name="split_is_undone_in_a_run",
            ),
        ),
        migrations.AddIndex(
            model_name="rowpart",
            index=models.Index(fields=["side", "line_id"], name="part_by_line"),
        ),
        migrations.AddConstraint(
            model_name="rowpart",
            constraint=models.UniqueConstraint(
                fields=("side", "item_id"), name="part_is_one_row"
            ),
        ),
        migrations.AddConstraint(
            model_name="rowpart",
            constraint=models.UniqueConstraint(
                fields=("split", "position"), name="part_has_a_place_of_its_own"
            ),
        ),
        migrations.AddConstraint(
            model_name="rowpart",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount", 0), _negated=True), name="part_is_not_nothing"
            ),
        ),
        migrations.RunSQL(SQL),
        audit_table("reconciliation_rowsplit"),
        audit_table("reconciliation_rowpart"),
        append_only("reconciliation_rowpart"),
    ]
