"""Name what the posting path is given by types, and let guards ask for the people of entries."""

from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

SQL = (Path(__file__).parent / "sql" / "posting_by_type.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    """The types come first, then what reads them; foreign keys give way to guards."""

    dependencies = [
        ("ledgers", "0019_post_one_entry"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="journalentry",
            name="checker",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="checker",
            ),
        ),
        migrations.AlterField(
            model_name="journalentry",
            name="maker",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="maker",
            ),
        ),
        migrations.RunSQL(SQL),
    ]
