"""Add what closing a period needs: settings, openings, runs, requests to reopen."""

import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ledgers", "0008_guard_open_items"),
        ("organizations", "0003_guard_roles"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="account",
            name="is_suspense",
            field=models.BooleanField(default=False, verbose_name="suspense"),
        ),
        migrations.AddField(
            model_name="historicalaccount",
            name="is_suspense",
            field=models.BooleanField(default=False, verbose_name="suspense"),
        ),
        migrations.CreateModel(
            name="CloseRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="run")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("working", "in work"),
                            ("closed", "closed"),
                            ("reopened", "reopened"),
                        ],
                        default="working",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("checklist", models.JSONField(default=list)),
                ("started_at", models.DateTimeField(auto_now_add=True, verbose_name="started")),
                ("closed_at", models.DateTimeField(null=True, verbose_name="closed")),
                ("reopened_at", models.DateTimeField(null=True, verbose_name="reopened")),
                (
                    "closed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="closed by",
                    ),
                ),
                (
                    "period",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="close_runs",
                        to="ledgers.period",
                    ),
                ),
                (
                    "started_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
            ],
            options={
                "verbose_name": "close run",
                "ordering": ("period", "number"),
            },
        ),
        migrations.CreateModel(
            name="ClosingEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("facts", models.JSONField(default=dict)),
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="closing_entry",
                        to="ledgers.journalentry",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="closing_entries",
                        to="ledgers.closerun",
                    ),
                ),
            ],
            options={
                "verbose_name": "closing entry",
            },
        ),
        migrations.CreateModel(
            name="ClosingSettings",
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
                    "fx_method",
                    models.CharField(
                        blank=True,
                        choices=[
                            (
                                "persistent",
                                "persistent: the next revaluation adds the difference",
                            ),
                            ("auto_reverse", "reversed on the first day of the next period"),
                        ],
                        max_length=12,
                        verbose_name="FX revaluation",
                    ),
                ),
                (
                    "profit_transfer",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("monthly", "every month"),
                            ("yearly", "at the end of the year"),
                        ],
                        max_length=12,
                        verbose_name="profit transfer",
                    ),
                ),
                (
                    "appropriation_account",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledgers.account",
                        verbose_name="appropriation to the reserve",
                    ),
                ),
                (
                    "ledger",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="closing_settings",
                        to="ledgers.ledger",
                    ),
                ),
                (
                    "profit_account",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledgers.account",
                        verbose_name="profit for the year",
                    ),
                ),
                (
                    "reserve_account",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledgers.account",
                        verbose_name="statutory reserve",
                    ),
                ),
                (
                    "retained_account",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledgers.account",
                        verbose_name="retained earnings",
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
                "verbose_name": "closing settings",
            },
        ),
        migrations.CreateModel(
            name="HistoricalClosingSettings",
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
                    "fx_method",
                    models.CharField(
                        blank=True,
                        choices=[
                            (
                                "persistent",
                                "persistent: the next revaluation adds the difference",
                            ),
                            ("auto_reverse", "reversed on the first day of the next period"),
                        ],
                        max_length=12,
                        verbose_name="FX revaluation",
                    ),
                ),
                (
                    "profit_transfer",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("monthly", "every month"),
                            ("yearly", "at the end of the year"),
                        ],
                        max_length=12,
                        verbose_name="profit transfer",
                    ),
                ),
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
                    "appropriation_account",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="ledgers.account",
                        verbose_name="appropriation to the reserve",
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
                    "ledger",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="ledgers.ledger",
                    ),
                ),
                (
                    "profit_account",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="ledgers.account",
                        verbose_name="profit for the year",
                    ),
                ),
                (
                    "reserve_account",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="ledgers.account",
                        verbose_name="statutory reserve",
                    ),
                ),
                (
                    "retained_account",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="ledgers.account",
                        verbose_name="retained earnings",
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
                "verbose_name": "historical closing settings",
                "verbose_name_plural": "historical closing settingss",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="OpeningBalance",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("amount", models.DecimalField(decimal_places=4, max_digits=24)),
                ("base_amount", models.DecimalField(decimal_places=4, max_digits=24)),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledgers.account",
                    ),
                ),
                (
                    "currency",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organizations.currency",
                    ),
                ),
                (
                    "dimension_set",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledgers.dimensionset",
                    ),
                ),
                (
                    "ledger",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledgers.ledger",
                    ),
                ),
                (
                    "period",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="openings",
                        to="ledgers.period",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ReopenRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("approved", "approved"),
                            ("done", "reopened"),
                            ("rejected", "rejected"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default="waiting",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                ("reason", models.CharField(max_length=500, verbose_name="reason")),
                ("requested_at", models.DateTimeField(auto_now_add=True, verbose_name="when")),
                ("decided_at", models.DateTimeField(null=True, verbose_name="decided")),
                ("note", models.CharField(blank=True, max_length=500, verbose_name="note")),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="decided by",
                    ),
                ),
                (
                    "period",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reopen_requests",
                        to="ledgers.period",
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reopen_requests",
                        to="ledgers.closerun",
                    ),
                ),
            ],
            options={
                "verbose_name": "request to reopen",
                "ordering": ("-id",),
            },
        ),
        migrations.AddConstraint(
            model_name="closerun",
            constraint=models.UniqueConstraint(
                fields=("period", "number"), name="close_run_number_is_unique"
            ),
        ),
        migrations.AddConstraint(
            model_name="closerun",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ("working", "closed"))),
                fields=("period",),
                name="close_run_is_one_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="openingbalance",
            constraint=models.UniqueConstraint(
                fields=("period", "account", "dimension_set", "currency"),
                name="opening_is_kept_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="reopenrequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ("waiting", "approved"))),
                fields=("period",),
                name="reopening_is_asked_once_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="reopenrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decided_by", None),
                    ("state", "withdrawn"),
                    models.Q(("decided_by", models.F("requested_by")), _negated=True),
                    _connector="OR",
                ),
                name="reopening_is_decided_by_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="reopenrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ("approved", "done", "rejected")), _negated=True),
                    ("decided_by__isnull", False),
                    _connector="OR",
                ),
                name="reopening_names_who_decided",
            ),
        ),
    ]
