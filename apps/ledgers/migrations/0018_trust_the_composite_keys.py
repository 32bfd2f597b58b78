"""Ask once for ledger and period: what names both together implies that each is there."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """No constraint of its own where a composite key says more."""

    dependencies = [
        ("ledgers", "0017_post_in_few_statements"),
    ]

    operations = [
        migrations.AlterField(
            model_name="accountbalance",
            name="ledger",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="ledgers.ledger",
            ),
        ),
        migrations.AlterField(
            model_name="accountbalance",
            name="period",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="ledgers.period",
            ),
        ),
        migrations.AlterField(
            model_name="accounttotal",
            name="ledger",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="ledgers.ledger",
            ),
        ),
        migrations.AlterField(
            model_name="accounttotal",
            name="period",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="ledgers.period",
            ),
        ),
        migrations.AlterField(
            model_name="entrycounter",
            name="ledger",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="ledgers.ledger",
            ),
        ),
        migrations.AlterField(
            model_name="entrycounter",
            name="period",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="ledgers.period",
            ),
        ),
    ]
