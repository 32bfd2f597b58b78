"""Let old events go, with a trace of what went."""

from pathlib import Path

from django.db import migrations, models

from apps.audit.triggers import audit_table

SQL = (Path(__file__).parent / "sql" / "purge.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    """The trace of a purge, and the functions that make it."""

    dependencies = [
        ("events", "0003_write_events_cheaper"),
    ]

    operations = [
        migrations.CreateModel(
            name="EventPurge",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("partition", models.SmallIntegerField(verbose_name="partition")),
                ("first_position", models.BigIntegerField(verbose_name="from")),
                ("last_position", models.BigIntegerField(verbose_name="to")),
                ("count", models.PositiveIntegerField(verbose_name="count")),
                ("by_topic", models.JSONField(verbose_name="topics")),
                ("checksum", models.BinaryField()),
                ("kept_from", models.DateTimeField(verbose_name="kept from")),
                ("purged_at", models.DateTimeField(verbose_name="when")),
                ("made_in", models.BigIntegerField(editable=False)),
            ],
            options={
                "verbose_name": "purge of events",
            },
        ),
        audit_table("events_eventpurge"),
        migrations.RunSQL(
            SQL,
            """
            DROP TRIGGER events_eventpurge_update_guard ON events_eventpurge;
            DROP TRIGGER events_eventpurge_no_truncate ON events_eventpurge;
            DROP FUNCTION events_purge, events_forget_deliveries, events_first_id,
              events_hold_purge;
            """,
        ),
    ]
