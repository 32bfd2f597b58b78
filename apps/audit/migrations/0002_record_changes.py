"""Record every change of people and access; refuse to change the record."""

from django.db import migrations

from apps.audit.triggers import (
    DROP_RECORD_FUNCTIONS,
    RECORD_FUNCTIONS,
    append_only,
    audit_table,
)


class Migration(migrations.Migration):
    """Audit functions, and triggers on the tables below this app."""

    dependencies = [
        ("audit", "0001_create_operation_log"),
        ("organizations", "0003_guard_roles"),
    ]

    operations = [
        migrations.RunSQL(RECORD_FUNCTIONS, DROP_RECORD_FUNCTIONS),
        append_only("audit_operationlog"),
        audit_table("organizations_organization"),
        audit_table("organizations_legalentity"),
        audit_table("organizations_department"),
        audit_table("organizations_user", hidden=("password", "last_login")),
        audit_table("organizations_roleassignment"),
    ]
