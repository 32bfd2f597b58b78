"""Let PostgreSQL keep checks and transitions as they are, and record each."""

from django.db import migrations

from apps.audit.triggers import append_only, audit_table


class Migration(migrations.Migration):
    """Both tables only grow."""

    dependencies = [
        ("credit", "0001_create_checks"),
        ("audit", "0003_compare_rows_once"),
    ]

    operations = [
        append_only("credit_creditcheck"),
        append_only("credit_breakertransition"),
        audit_table("credit_creditcheck"),
        audit_table("credit_breakertransition"),
    ]
