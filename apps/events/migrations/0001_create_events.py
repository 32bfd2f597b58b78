"""Create the outbox, the inbox, cursors and troubled deliveries."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Tables of events."""

    initial = True

    dependencies = [
        ("organizations", "0004_add_settlement_limit"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        # The order in which events are written.
        migrations.RunSQL("CREATE SEQUENCE events_number", "DROP SEQUENCE events_number"),
        migrations.CreateModel(
            name="EventPartition",
            fields=[
                ("number", models.SmallIntegerField(primary_key=True, serialize=False)),
                ("last_position", models.BigIntegerField(default=0)),
            ],
            options={
                "verbose_name": "partition",
            },
        ),
        migrations.CreateModel(
            name="InboxEvent",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "consumer",
                        "event_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("consumer", models.CharField(max_length=40, verbose_name="consumer")),
                ("event_id", models.UUIDField(verbose_name="event")),
                ("delivered_at", models.DateTimeField(verbose_name="when")),
            ],
            options={
                "verbose_name": "delivered event",
            },
        ),
        migrations.CreateModel(
            name="ConsumerCursor",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("consumer", models.CharField(max_length=40, verbose_name="consumer")),
                ("partition", models.SmallIntegerField(verbose_name="partition")),
                ("position", models.BigIntegerField(default=0, verbose_name="position")),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("moved_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "consumer",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("consumer", "partition"),
                        name="cursor_is_one_for_each_partition",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="OutboxEvent",
            fields=[
                (
                    "event_id",
                    models.UUIDField(primary_key=True, serialize=False, verbose_name="event"),
                ),
                (
                    "number",
                    models.BigIntegerField(
                        db_default=models.Func(
                            models.Value("events_number"), function="nextval"
                        ),
                        editable=False,
                    ),
                ),
                (
                    "topic",
                    models.CharField(
                        choices=[
                            ("journal_entry.posted", "entry posted"),
                            ("journal_entry.reversed", "entry reversed"),
                            ("transaction.completed", "money moved"),
                            ("fx_rate.confirmed", "rate confirmed"),
                            ("approval.decided", "request decided"),
                            ("reconciliation.finished", "reconciliation finished"),
                        ],
                        max_length=40,
                        verbose_name="topic",
                    ),
                ),
                ("key", models.CharField(max_length=100, verbose_name="key")),
                ("partition", models.SmallIntegerField(verbose_name="partition")),
                ("body", models.TextField(verbose_name="body")),
                ("checksum", models.BinaryField()),
                ("trace_id", models.CharField(blank=True, max_length=32, verbose_name="trace")),
                ("occurred_at", models.DateTimeField(verbose_name="when")),
                (
                    "key_id",
                    models.CharField(blank=True, max_length=20, verbose_name="signed with"),
                ),
                ("signature", models.BinaryField(null=True)),
                ("position", models.BigIntegerField(null=True, verbose_name="position")),
                ("relayed_at", models.DateTimeField(null=True, verbose_name="relayed")),
                (
                    "organization",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="organizations.organization",
                    ),
                ),
            ],
            options={
                "verbose_name": "event",
            },
        ),
        migrations.CreateModel(
            name="TroubledDelivery",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("consumer", models.CharField(max_length=40, verbose_name="consumer")),
                ("partition", models.SmallIntegerField(verbose_name="partition")),
                ("key", models.CharField(max_length=100, verbose_name="key")),
                ("position", models.BigIntegerField(verbose_name="position")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("retrying", "is tried again"),
                            ("waiting", "waits for an earlier one"),
                            ("dead", "dead letter"),
                            ("quarantined", "in quarantine"),
                            ("delivered", "delivered"),
                            ("discarded", "discarded"),
                        ],
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                (
                    "attempts",
                    models.PositiveSmallIntegerField(default=0, verbose_name="attempts"),
                ),
                ("next_try_at", models.DateTimeField(null=True, verbose_name="next try")),
                (
                    "flaw",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("checksum", "the body does not match its checksum"),
                            ("signature", "the signature is wrong"),
                            ("unknown_key", "signed with a key that nobody here has"),
                            ("unsigned", "not signed"),
                            ("body", "the body is not an object without fractions"),
                        ],
                        max_length=12,
                        verbose_name="flaw",
                    ),
                ),
                ("error", models.TextField(blank=True, verbose_name="error")),
                ("reason", models.TextField(blank=True, verbose_name="reason")),
                ("version", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField(verbose_name="since")),
                ("updated_at", models.DateTimeField(verbose_name="changed")),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="troubles",
                        to="events.outboxevent",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="organizations.organization",
                    ),
                ),
            ],
            options={
                "verbose_name": "troubled delivery",
            },
        ),
        migrations.AddIndex(
            model_name="outboxevent",
            index=models.Index(
                condition=models.Q(("position", None)),
                fields=["partition", "number"],
                name="event_waits_for_relay",
            ),
        ),
        migrations.AddIndex(
            model_name="outboxevent",
            index=models.Index(
                condition=models.Q(("position", None), _negated=True),
                fields=["organization", "event_id"],
                name="event_of_organization",
            ),
        ),
        migrations.AddIndex(
            model_name="outboxevent",
            index=models.Index(
                condition=models.Q(("position", None), _negated=True),
                fields=["key", "event_id"],
                name="event_of_key",
            ),
        ),
        migrations.AddConstraint(
            model_name="outboxevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("partition__gte", 0), ("partition__lt", 8)),
                name="event_partition_exists",
            ),
        ),
        migrations.AddConstraint(
            model_name="outboxevent",
            constraint=models.UniqueConstraint(
                condition=models.Q(("position", None), _negated=True),
                fields=("partition", "position"),
                name="event_position_is_unique",
            ),
        ),
        migrations.AddIndex(
            model_name="troubleddelivery",
            index=models.Index(
                condition=models.Q(
                    ("state__in", ("retrying", "waiting", "dead", "quarantined"))
                ),
                fields=["consumer", "partition", "position"],
                name="trouble_is_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="troubleddelivery",
            constraint=models.UniqueConstraint(
                fields=("consumer", "event"), name="trouble_is_one_for_each_delivery"
            ),
        ),
    ]
