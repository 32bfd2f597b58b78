"""Record each change of thresholds, alerts and where they are sent."""

from django.db import migrations

from apps.audit.triggers import audit_table


class Migration(migrations.Migration):
    """Audit of alerts."""

    dependencies = [
        ("reconciliation", "0011_add_alerts"),
        ("audit", "0002_record_changes"),
    ]

    operations = [
        audit_table("reconciliation_alertthresholds"),
        audit_table("reconciliation_alert"),
        audit_table("reconciliation_alertwebhook"),
        audit_table("reconciliation_alertnotice"),
    ]
