"""Remember which digests a mail server refused, and how often they were tried."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Three columns; a digest is sent or failed, not both."""

    dependencies = [
        ("approvals", "0020_guard_handing_over"),
    ]

    operations = [
        migrations.AddField(
            "digestmail",
            "attempts",
            models.PositiveSmallIntegerField(default=0, verbose_name="attempts"),
        ),
        migrations.AddField(
            "digestmail",
            "failed_at",
            models.DateTimeField(null=True, verbose_name="failed at"),
        ),
        migrations.AddField(
            "digestmail",
            "failure",
            models.CharField(blank=True, max_length=200, verbose_name="failure"),
        ),
        migrations.AddConstraint(
            "digestmail",
            models.CheckConstraint(
                condition=models.Q(("sent_at", None), ("failed_at", None), _connector="OR"),
                name="digest_is_sent_or_failed",
            ),
        ),
    ]
