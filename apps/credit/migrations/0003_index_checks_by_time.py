"""Find the checks of the last day without reading all."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("credit", "0002_keep_checks"),
        ("organizations", "0003_guard_roles"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="creditcheck",
            index=models.Index(
                fields=["organization", "at", "source"], name="credit_check_by_time"
            ),
        ),
    ]
