"""Let PostgreSQL guard ways, limits, questions, escalations and what is said about a round."""

from pathlib import Path

from django.db import migrations

from apps.audit.triggers import append_only, audit_table

SQL = (Path(__file__).parent / "sql" / "approval_rounds.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    """Guards and audit."""

    dependencies = [("approvals", "0006_add_questions_and_deadlines")]

    operations = [
        migrations.RunSQL(SQL),
        audit_table("approvals_requestcomment"),
        audit_table("approvals_requestattachment"),
        append_only("approvals_requestcomment"),
        append_only("approvals_requestattachment"),
    ]
