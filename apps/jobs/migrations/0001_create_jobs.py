"""Create the table of long work."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import apps.core.identity


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("organizations", "0003_guard_roles"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Job",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "public_id",
                    models.UUIDField(
                        default=apps.core.identity.uuid7, editable=False, unique=True
                    ),
                ),
                ("kind", models.CharField(max_length=40, verbose_name="kind")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "queued"),
                            ("running", "running"),
                            ("done", "done"),
                            ("failed", "failed"),
                            ("cancelled", "cancelled"),
                        ],
                        default="queued",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                ("subject", models.CharField(max_length=200, verbose_name="subject")),
                ("subject_url", models.CharField(blank=True, max_length=200)),
                ("exclusive_key", models.CharField(max_length=100)),
                ("parameters", models.JSONField(default=dict)),
                ("total_count", models.PositiveIntegerField(default=0, verbose_name="all")),
                ("done_count", models.PositiveIntegerField(default=0, verbose_name="done")),
                ("result", models.JSONField(default=dict)),
                ("result_url", models.CharField(blank=True, max_length=200)),
                ("failure", models.TextField(blank=True, verbose_name="failure")),
                ("lease_until", models.DateTimeField(null=True)),
                ("attempt", models.PositiveSmallIntegerField(default=0)),
                ("version", models.PositiveIntegerField(default=1)),
                ("is_cancel_requested", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="when")),
                ("started_at", models.DateTimeField(null=True, verbose_name="started")),
                ("finished_at", models.DateTimeField(null=True, verbose_name="finished")),
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
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organizations.organization",
                    ),
                ),
            ],
            options={
                "verbose_name": "job",
                "ordering": ("-id",),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("queued", "running"))),
                        fields=("organization", "exclusive_key"),
                        name="job_runs_once_at_a_time",
                    )
                ],
            },
        ),
    ]
