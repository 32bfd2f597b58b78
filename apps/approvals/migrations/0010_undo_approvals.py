"""Let an approval be taken back: the round is undone, and keeps what was decided."""

from pathlib import Path

from django.db import migrations, models

SQL = (Path(__file__).parent / "sql" / "approval_undone.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    """A state and its guards."""

    dependencies = [
        ("approvals", "0009_guard_approved_entries"),
    ]

    operations = [
        migrations.AlterField(
            model_name="approvalrequest",
            name="state",
            field=models.CharField(
                choices=[
                    ("open", "waiting"),
                    ("approved", "approved"),
                    ("undone", "approval taken back"),
                    ("rejected", "rejected"),
                    ("returned", "returned to the maker"),
                    ("withdrawn", "withdrawn"),
                    ("void", "void, the content changed"),
                ],
                default="open",
                max_length=9,
                verbose_name="state",
            ),
        ),
        migrations.AlterField(
            model_name="historicalapprovalrequest",
            name="state",
            field=models.CharField(
                choices=[
                    ("open", "waiting"),
                    ("approved", "approved"),
                    ("undone", "approval taken back"),
                    ("rejected", "rejected"),
                    ("returned", "returned to the maker"),
                    ("withdrawn", "withdrawn"),
                    ("void", "void, the content changed"),
                ],
                default="open",
                max_length=9,
                verbose_name="state",
            ),
        ),
        migrations.RunSQL(SQL),
    ]
