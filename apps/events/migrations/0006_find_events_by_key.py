"""Find the events of a key by summaries of ranges, which cost a posting next to nothing."""

import django.contrib.postgres.indexes
from django.db import migrations


class Migration(migrations.Migration):
    """A bloom filter over keys for each 32 pages of the outbox."""

    dependencies = [
        ("events", "0005_count_deliveries"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="outboxevent",
            index=django.contrib.postgres.indexes.BrinIndex(
                autosummarize=True,
                fields=["key"],
                name="event_of_key",
                opclasses=("text_bloom_ops",),
                pages_per_range=32,
            ),
        ),
    ]
