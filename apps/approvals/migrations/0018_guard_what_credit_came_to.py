"""Let PostgreSQL guard findings about credit, and count steps that they save as done."""

from pathlib import Path

from django.db import migrations

from apps.audit.triggers import append_only, audit_table

SQL = (Path(__file__).parent / "sql" / "credit_findings.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    """Guards and audit."""

    dependencies = [("approvals", "0017_keep_what_credit_came_to")]

    operations = [
        migrations.RunSQL(SQL),
        audit_table("approvals_creditfinding"),
        append_only("approvals_creditfinding"),
    ]
