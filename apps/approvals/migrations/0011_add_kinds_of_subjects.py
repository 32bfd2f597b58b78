"""Add kinds of subjects."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0010_undo_approvals"),
    ]

    operations = [
        migrations.AlterField(
            model_name="approvalflow",
            name="subject_kind",
            field=models.CharField(
                choices=[
                    ("journal_entry", "journal entry"),
                    ("reversal", "reversal"),
                    ("write_off", "write-off"),
                    ("transfer", "transfer entry"),
                    ("period_reopen", "reopening of a period"),
                    ("policy_change", "policy change"),
                    ("manual_rate", "manual exchange rate"),
                    ("settlement", "settlement above the limit"),
                ],
                max_length=20,
                verbose_name="subject",
            ),
        ),
        migrations.AlterField(
            model_name="approvalrequest",
            name="subject_kind",
            field=models.CharField(
                choices=[
                    ("journal_entry", "journal entry"),
                    ("reversal", "reversal"),
                    ("write_off", "write-off"),
                    ("transfer", "transfer entry"),
                    ("period_reopen", "reopening of a period"),
                    ("policy_change", "policy change"),
                    ("manual_rate", "manual exchange rate"),
                    ("settlement", "settlement above the limit"),
                ],
                max_length=20,
                verbose_name="subject",
            ),
        ),
        migrations.AlterField(
            model_name="historicalapprovalflow",
            name="subject_kind",
            field=models.CharField(
                choices=[
                    ("journal_entry", "journal entry"),
                    ("reversal", "reversal"),
                    ("write_off", "write-off"),
                    ("transfer", "transfer entry"),
                    ("period_reopen", "reopening of a period"),
                    ("policy_change", "policy change"),
                    ("manual_rate", "manual exchange rate"),
                    ("settlement", "settlement above the limit"),
                ],
                max_length=20,
                verbose_name="subject",
            ),
        ),
        migrations.AlterField(
            model_name="historicalapprovalrequest",
            name="subject_kind",
            field=models.CharField(
                choices=[
                    ("journal_entry", "journal entry"),
                    ("reversal", "reversal"),
                    ("write_off", "write-off"),
                    ("transfer", "transfer entry"),
                    ("period_reopen", "reopening of a period"),
                    ("policy_change", "policy change"),
                    ("manual_rate", "manual exchange rate"),
                    ("settlement", "settlement above the limit"),
                ],
                max_length=20,
                verbose_name="subject",
            ),
        ),
        migrations.AlterField(
            model_name="requestview",
            name="subject_kind",
            field=models.CharField(
                choices=[
                    ("journal_entry", "journal entry"),
                    ("reversal", "reversal"),
                    ("write_off", "write-off"),
                    ("transfer", "transfer entry"),
                    ("period_reopen", "reopening of a period"),
                    ("policy_change", "policy change"),
                    ("manual_rate", "manual exchange rate"),
                    ("settlement", "settlement above the limit"),
                ],
                max_length=20,
                verbose_name="subject",
            ),
        ),
    ]
