"""Drop the indexes of the history of breaks that nothing reads: a run writes to each of them."""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def _unindexed(name: str, to: str, **values: Any) -> migrations.AlterField:
    field = models.ForeignKey(
        to,
        django.db.models.deletion.DO_NOTHING,
        blank=True,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
        **values,
    )
    return migrations.AlterField("historicalbreak", name, field)


class Migration(migrations.Migration):
    """Seven indexes less."""

    dependencies = [
        ("organizations", "0004_add_settlement_limit"),
        ("reconciliation", "0022_find_live_by_hash"),
        ("statements", "0010_draw_keys_in_lots"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        _unindexed("channel", "statements.channel", verbose_name="channel"),
        _unindexed("first_run", "reconciliation.reconciliationrun"),
        _unindexed("last_run", "reconciliation.reconciliationrun"),
        _unindexed("organization", "organizations.organization"),
        _unindexed("owner", settings.AUTH_USER_MODEL, verbose_name="owner"),
        _unindexed("updated_by", settings.AUTH_USER_MODEL, editable=False),
        _unindexed("write_off", "reconciliation.writeoff", verbose_name="write-off"),
    ]
