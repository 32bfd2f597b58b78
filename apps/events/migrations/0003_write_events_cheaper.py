"""Have a posting pay for no more than the row of its event and two indexes."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0002_guard_events"),
    ]

    operations = [
        migrations.RunSQL(
            "DROP TRIGGER events_outboxevent_insert_guard ON events_outboxevent",
            "CREATE TRIGGER events_outboxevent_insert_guard BEFORE INSERT ON events_outboxevent"
            " FOR EACH ROW WHEN (new.position IS NOT NULL)"
            " EXECUTE FUNCTION audit_refuse_change()",
        ),
        migrations.RemoveConstraint(
            model_name="outboxevent",
            name="event_partition_exists",
        ),
        migrations.RemoveIndex(
            model_name="outboxevent",
            name="event_of_organization",
        ),
        migrations.RemoveIndex(
            model_name="outboxevent",
            name="event_of_key",
        ),
    ]
