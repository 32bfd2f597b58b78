"""Let channels have schedules of their own, and tell of those that are refused."""

import datetime as dt

import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models

from apps.audit.triggers import audit_table


class Migration(migrations.Migration):
    """Schedules of runs, with a trace."""

    dependencies = [
        ("audit", "0002_record_changes"),
        ("reconciliation", "0012_record_alerts"),
        ("statements", "0004_key_lines_by_day"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="alert",
            name="kind",
            field=models.CharField(
                choices=[
                    ("statement", "statement missing"),
                    ("gap", "gap between statements"),
                    ("events", "events arrive late"),
                    ("live", "rows wait for their counterpart"),
                    ("breaks", "many breaks"),
                    ("fall", "less was matched than usual"),
                    ("risk", "value at risk"),
                    ("failed", "run failed"),
                    ("schedule", "scheduled run refused"),
                ],
                max_length=9,
                verbose_name="kind",
            ),
        ),
        migrations.AlterField(
            model_name="historicalalert",
            name="kind",
            field=models.CharField(
                choices=[
                    ("statement", "statement missing"),
                    ("gap", "gap between statements"),
                    ("events", "events arrive late"),
                    ("live", "rows wait for their counterpart"),
                    ("breaks", "many breaks"),
                    ("fall", "less was matched than usual"),
                    ("risk", "value at risk"),
                    ("failed", "run failed"),
                    ("schedule", "scheduled run refused"),
                ],
                max_length=9,
                verbose_name="kind",
            ),
        ),
        migrations.CreateModel(
            name="HistoricalRunSchedule",
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
                ("is_on", models.BooleanField(default=True, verbose_name="on")),
                (
                    "rhythm",
                    models.CharField(
                        choices=[
                            ("daily", "every day"),
                            ("workdays", "Monday to Friday"),
                            ("weekly", "once a week"),
                            ("monthly", "once a month"),
                        ],
                        default="daily",
                        max_length=8,
                        verbose_name="days",
                    ),
                ),
                ("at", models.TimeField(default=dt.time(6, 30), verbose_name="time")),
                (
                    "weekday",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="day of the week"
                    ),
                ),
                (
                    "month_day",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="day of the month"
                    ),
                ),
                (
                    "span",
                    models.CharField(
                        choices=[
                            ("statement", "the month of the newest statement"),
                            ("this_month", "the month until yesterday"),
                            ("last_month", "the month before"),
                        ],
                        default="statement",
                        max_length=10,
                        verbose_name="covers",
                    ),
                ),
                (
                    "only_with_news",
                    models.BooleanField(
                        default=True, verbose_name="only when a statement came"
                    ),
                ),
                ("done_until", models.DateTimeField()),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "not yet"),
                            ("started", "a run was started"),
                            ("no_news", "nothing new"),
                            ("refused", "refused"),
                        ],
                        max_length=7,
                    ),
                ),
                ("failure", models.TextField(blank=True)),
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
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
                    "runs_as",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="as",
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
                "verbose_name": "historical schedule of runs",
                "verbose_name_plural": "historical schedule of runss",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="RunSchedule",
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
                ("is_on", models.BooleanField(default=True, verbose_name="on")),
                (
                    "rhythm",
                    models.CharField(
                        choices=[
                            ("daily", "every day"),
                            ("workdays", "Monday to Friday"),
                            ("weekly", "once a week"),
                            ("monthly", "once a month"),
                        ],
                        default="daily",
                        max_length=8,
                        verbose_name="days",
                    ),
                ),
                ("at", models.TimeField(default=dt.time(6, 30), verbose_name="time")),
                (
                    "weekday",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="day of the week"
                    ),
                ),
                (
                    "month_day",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="day of the month"
                    ),
                ),
                (
                    "span",
                    models.CharField(
                        choices=[
                            ("statement", "the month of the newest statement"),
                            ("this_month", "the month until yesterday"),
                            ("last_month", "the month before"),
                        ],
                        default="statement",
                        max_length=10,
                        verbose_name="covers",
                    ),
                ),
                (
                    "only_with_news",
                    models.BooleanField(
                        default=True, verbose_name="only when a statement came"
                    ),
                ),
                ("done_until", models.DateTimeField()),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "not yet"),
                            ("started", "a run was started"),
                            ("no_news", "nothing new"),
                            ("refused", "refused"),
                        ],
                        max_length=7,
                    ),
                ),
                ("failure", models.TextField(blank=True)),
                (
                    "channel",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="run_schedule",
                        to="statements.channel",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reconciliation.reconciliationrun",
                    ),
                ),
                (
                    "runs_as",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="as",
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
                "verbose_name": "schedule of runs",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("rhythm", "weekly"), _negated=True),
                            ("weekday__range", (0, 6)),
                            _connector="OR",
                        ),
                        name="weekly_schedule_has_a_weekday",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("rhythm", "monthly"), _negated=True),
                            ("month_day__range", (1, 31)),
                            _connector="OR",
                        ),
                        name="monthly_schedule_has_a_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome", "started"), ("run", None), _connector="XOR"),
                            models.Q(("outcome", "refused"), ("failure", ""), _connector="XOR"),
                        ),
                        name="schedule_tells_what_came_of_it",
                    ),
                ],
            },
        ),
        audit_table("reconciliation_runschedule"),
    ]
