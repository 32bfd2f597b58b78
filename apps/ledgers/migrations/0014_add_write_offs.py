"""Let people say that an entry writes something off."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ledgers", "0013_guard_settlement_proposals"),
    ]

    operations = [
        migrations.AlterField(
            model_name="historicaljournalentry",
            name="kind",
            field=models.CharField(
                choices=[
                    ("ordinary", "ordinary"),
                    ("reversal", "reversal"),
                    ("fx_revaluation", "FX revaluation"),
                    ("profit_transfer", "profit transfer"),
                    ("year_end", "year end"),
                    ("opening", "opening balances"),
                    ("adjustment", "adjustment"),
                    ("write_off", "write-off"),
                    ("derived", "derived"),
                    ("rounding", "rounding"),
                    ("settlement", "exchange difference of a settlement"),
                ],
                default="ordinary",
                max_length=16,
                verbose_name="kind",
            ),
        ),
        migrations.AlterField(
            model_name="journalentry",
            name="kind",
            field=models.CharField(
                choices=[
                    ("ordinary", "ordinary"),
                    ("reversal", "reversal"),
                    ("fx_revaluation", "FX revaluation"),
                    ("profit_transfer", "profit transfer"),
                    ("year_end", "year end"),
                    ("opening", "opening balances"),
                    ("adjustment", "adjustment"),
                    ("write_off", "write-off"),
                    ("derived", "derived"),
                    ("rounding", "rounding"),
                    ("settlement", "exchange difference of a settlement"),
                ],
                default="ordinary",
                max_length=16,
                verbose_name="kind",
            ),
        ),
        migrations.AlterField(
            model_name="journalimport",
            name="kind",
            field=models.CharField(
                choices=[
                    ("ordinary", "ordinary"),
                    ("reversal", "reversal"),
                    ("fx_revaluation", "FX revaluation"),
                    ("profit_transfer", "profit transfer"),
                    ("year_end", "year end"),
                    ("opening", "opening balances"),
                    ("adjustment", "adjustment"),
                    ("write_off", "write-off"),
                    ("derived", "derived"),
                    ("rounding", "rounding"),
                    ("settlement", "exchange difference of a settlement"),
                ],
                default="ordinary",
                max_length=16,
                verbose_name="kind",
            ),
        ),
    ]
