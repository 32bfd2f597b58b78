"""Find the requests of some weeks without reading all of an organization's."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """One index."""

    dependencies = [
        ("approvals", "0004_keep_what_people_saw"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="approvalrequest",
            index=models.Index(fields=["organization", "created_at"], name="request_by_time"),
        ),
    ]
