"""Keep what people last saw of a subject."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0003_keep_personal_settings"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="RequestView",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "subject_kind",
                    models.CharField(
                        choices=[("journal_entry", "journal entry")],
                        max_length=20,
                        verbose_name="subject",
                    ),
                ),
                (
                    "subject_id",
                    models.PositiveBigIntegerField(verbose_name="key of the subject"),
                ),
                (
                    "content_hash",
                    models.CharField(max_length=64, verbose_name="hash of the content"),
                ),
                (
                    "amount",
                    models.DecimalField(decimal_places=4, max_digits=20, verbose_name="amount"),
                ),
                ("seen_at", models.DateTimeField(verbose_name="seen at")),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="views",
                        to="approvals.approvalrequest",
                    ),
                ),
            ],
            options={
                "verbose_name": "last look at a subject",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("person", "subject_kind", "subject_id"),
                        name="look_is_one_for_each_person",
                    )
                ],
            },
        ),
    ]
