"""Let PostgreSQL keep sign-offs, and what was signed off."""

from pathlib import Path

from django.db import migrations

from apps.audit.triggers import audit_table

SQL = (Path(__file__).parent / "sql" / "sign_off_guards.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    """Guards and audit of sign-offs."""

    dependencies = [
        ("reconciliation", "0003_add_sign_offs"),
        ("audit", "0002_record_changes"),
    ]

    operations = [
        migrations.RunSQL(SQL),
        audit_table("reconciliation_signoff", hidden=("proof",)),
        audit_table("reconciliation_signoffwithdrawal"),
    ]
