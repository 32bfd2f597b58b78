"""Create the tables of credit checks and of the breaker's course."""

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
            name="BreakerTransition",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "before",
                    models.CharField(
                        choices=[
                            ("closed", "closed"),
                            ("open", "open"),
                            ("half_open", "half open"),
                            ("forced_open", "forced open"),
                        ],
                        max_length=11,
                        verbose_name="from",
                    ),
                ),
                (
                    "after",
                    models.CharField(
                        choices=[
                            ("closed", "closed"),
                            ("open", "open"),
                            ("half_open", "half open"),
                            ("forced_open", "forced open"),
                        ],
                        max_length=11,
                        verbose_name="to",
                    ),
                ),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("failures", "too many failures"),
                            ("wait_is_over", "the wait is over"),
                            ("probe_failed", "a trial failed"),
                            ("probes_passed", "all trials succeeded"),
                            ("forced", "forced open by a person"),
                            ("reset", "reset by a person"),
                        ],
                        max_length=13,
                        verbose_name="cause",
                    ),
                ),
                ("failures", models.PositiveIntegerField(default=0, verbose_name="failures")),
                ("calls", models.PositiveIntegerField(default=0, verbose_name="calls")),
                (
                    "is_shared",
                    models.BooleanField(default=True, verbose_name="in all processes"),
                ),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="reason")),
                ("trace_id", models.CharField(blank=True, max_length=32, verbose_name="trace")),
                ("at", models.DateTimeField(verbose_name="when")),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organizations.organization",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
            ],
            options={
                "verbose_name": "breaker transition",
                "ordering": ("-id",),
                "indexes": [
                    models.Index(
                        fields=["organization", "-id"], name="breaker_transition_recent"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("cause__in", ("forced", "reset")),
                                ("person__isnull", False),
                                models.Q(("reason", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("cause__in", ("forced", "reset")), _negated=True),
                                ("person", None),
                            ),
                            _connector="OR",
                        ),
                        name="breaker_step_of_a_person_has_a_reason",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CreditCheck",
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
                ("counterparty", models.CharField(max_length=120, verbose_name="counterparty")),
                (
                    "amount",
                    models.DecimalField(decimal_places=4, max_digits=20, verbose_name="amount"),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[("live", "live"), ("cached", "cached"), ("none", "no score")],
                        max_length=6,
                        verbose_name="source",
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("answered", "answered"),
                            ("not_configured", "no bureau is set up"),
                            ("forced_open", "breaker forced open"),
                            ("breaker_open", "breaker open"),
                            ("too_many_probes", "breaker tries others first"),
                            ("timed_out", "no answer in time"),
                            ("unreachable", "bureau not reached"),
                            ("bureau_failed", "bureau failed"),
                            ("refused", "bureau refused the question"),
                            ("unreadable", "answer not understood"),
                        ],
                        max_length=20,
                        verbose_name="outcome",
                    ),
                ),
                ("score", models.PositiveSmallIntegerField(null=True, verbose_name="score")),
                ("is_good", models.BooleanField(verbose_name="good")),
                ("needs_person", models.BooleanField(verbose_name="a person decides")),
                ("scored_at", models.DateTimeField(null=True, verbose_name="score of")),
                (
                    "duration_ms",
                    models.PositiveIntegerField(default=0, verbose_name="milliseconds"),
                ),
                ("trace_id", models.CharField(blank=True, max_length=32, verbose_name="trace")),
                ("at", models.DateTimeField(verbose_name="when")),
                (
                    "currency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organizations.currency",
                        verbose_name="currency",
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
                (
                    "requested_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
            ],
            options={
                "verbose_name": "credit check",
                "ordering": ("-id",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("source", "live")),
                        fields=["organization", "counterparty", "-scored_at"],
                        name="credit_check_live_score",
                    ),
                    models.Index(fields=["organization", "-id"], name="credit_check_recent"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("is_good", False),
                                ("score", None),
                                ("scored_at", None),
                                ("source", "none"),
                            ),
                            models.Q(
                                ("score__isnull", False),
                                ("scored_at__isnull", False),
                                ("source__in", ("live", "cached")),
                            ),
                            _connector="OR",
                        ),
                        name="credit_check_has_a_score_or_no_source",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome", "answered"), ("source", "live")),
                            models.Q(
                                models.Q(("source", "live"), _negated=True),
                                models.Q(("outcome", "answered"), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="credit_check_is_live_when_answered",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_good", True), ("needs_person", True), _connector="OR"
                        ),
                        name="credit_check_that_is_not_good_needs_a_person",
                    ),
                ],
            },
        ),
    ]
