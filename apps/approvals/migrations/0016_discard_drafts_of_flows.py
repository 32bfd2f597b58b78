"""Let a draft of a flow be discarded."""

from pathlib import Path

from django.db import migrations, models

SQL = (Path(__file__).parent / "sql" / "flow_drafts.sql").read_text(encoding="utf-8")
STATE = models.CharField(
    choices=[
        ("draft", "draft"),
        ("active", "active"),
        ("retired", "retired"),
        ("dropped", "discarded"),
    ],
    default="draft",
    max_length=7,
    verbose_name="state",
)


class Migration(migrations.Migration):
    """A state and the step that leads to it."""

    dependencies = [
        ("approvals", "0015_ask_dimension_owners"),
    ]

    operations = [
        migrations.AlterField("approvalflow", "state", STATE),
        migrations.AlterField("historicalapprovalflow", "state", STATE.clone()),
        migrations.RunSQL(SQL),
    ]
