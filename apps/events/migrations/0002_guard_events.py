"""Let PostgreSQL keep events as they were written."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent / "sql" / "guards.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    """Guards of the outbox, and what is done in the database."""

    dependencies = [
        ("events", "0001_create_events"),
        ("audit", "0002_record_changes"),
    ]

    operations = [
        migrations.RunSQL(
            SQL,
            """
            DROP FUNCTION events_delete_guard, events_begin_delivery CASCADE;
            DROP FUNCTION events_new_id, events_partition_of;
            DROP TRIGGER events_outboxevent_insert_guard ON events_outboxevent;
            DROP TRIGGER events_outboxevent_update_guard ON events_outboxevent;
            DROP TRIGGER events_outboxevent_no_truncate ON events_outboxevent;
            DROP TRIGGER events_consumercursor_forward ON events_consumercursor;
            DROP TRIGGER events_eventpartition_forward ON events_eventpartition;
            """,
        )
    ]
