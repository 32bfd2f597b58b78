"""Find what one person submitted on a day; a partial index served too few questions."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0023_guard_approved_content"),
        ("organizations", "0004_add_settlement_limit"),
        ("policies", "0002_guard_policies"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="approvalrequest",
            name="request_by_maker_and_day",
        ),
        migrations.AddIndex(
            model_name="approvalrequest",
            index=models.Index(
                fields=["maker", "submitted_on"], name="request_by_day_of_maker"
            ),
        ),
    ]
