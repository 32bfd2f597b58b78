"""Record every change of jobs in the operation log."""

from django.db import migrations

from apps.audit.triggers import audit_table


class Migration(migrations.Migration):
    """Audit triggers; the parameters and results stand in the row itself."""

    dependencies = [
        ("jobs", "0001_create_jobs"),
        ("audit", "0003_compare_rows_once"),
    ]

    operations = [audit_table("jobs_job")]
