"""Count what comes of deliveries in the row of their cursor."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    """Counters of consumers, for Prometheus."""

    dependencies = [
        ("events", "0004_purge_events"),
    ]

    operations = [
        migrations.AddField(
            model_name="consumercursor",
            name="dead",
            field=models.BigIntegerField(db_default=0),
        ),
        migrations.AddField(
            model_name="consumercursor",
            name="delay_ms",
            field=models.BigIntegerField(db_default=0),
        ),
        migrations.AddField(
            model_name="consumercursor",
            name="delays",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(),
                db_default=[0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="consumercursor",
            name="delivered",
            field=models.BigIntegerField(db_default=0),
        ),
        migrations.AddField(
            model_name="consumercursor",
            name="quarantined",
            field=models.BigIntegerField(db_default=0),
        ),
        migrations.AddField(
            model_name="consumercursor",
            name="retried",
            field=models.BigIntegerField(db_default=0),
        ),
    ]
