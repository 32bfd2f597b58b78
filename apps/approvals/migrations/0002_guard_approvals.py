"""Let PostgreSQL guard flows, requests and decisions, and record them."""

from pathlib import Path

from django.db import migrations

from apps.audit.triggers import append_only, audit_table

SQL = (Path(__file__).parent / "sql" / "approval_guards.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    """Guards and audit."""

    dependencies = [
        ("approvals", "0001_create_approvals"),
        ("audit", "0002_record_changes"),
    ]

    operations = [
        migrations.RunSQL(SQL),
        audit_table("approvals_approvalflow"),
        audit_table("approvals_flowstep"),
        audit_table("approvals_approvalrequest"),
        audit_table("approvals_approvaltask"),
        audit_table("approvals_approvaldecision"),
        audit_table("approvals_delegation"),
        append_only("approvals_flowstep"),
        append_only("approvals_approvaldecision"),
    ]
