"""Keep what counts beside a request: the same maker, counterparty and day."""

from decimal import Decimal

import django.contrib.postgres.fields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0012_guard_subjects"),
        ("organizations", "0003_guard_roles"),
        ("policies", "0002_guard_policies"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="approvalrequest",
            name="amount_beside",
            field=models.DecimalField(
                decimal_places=4,
                default=Decimal(0),
                max_digits=20,
                verbose_name="counted beside it",
            ),
        ),
        migrations.AddField(
            model_name="approvalrequest",
            name="counterparties",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=50),
                default=list,
                size=None,
                verbose_name="counterparties",
            ),
        ),
        migrations.AddField(
            model_name="approvalrequest",
            name="submitted_on",
            field=models.DateField(null=True, verbose_name="submitted on"),
        ),
        migrations.AddField(
            model_name="historicalapprovalrequest",
            name="amount_beside",
            field=models.DecimalField(
                decimal_places=4,
                default=Decimal(0),
                max_digits=20,
                verbose_name="counted beside it",
            ),
        ),
        migrations.AddField(
            model_name="historicalapprovalrequest",
            name="counterparties",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=50),
                default=list,
                size=None,
                verbose_name="counterparties",
            ),
        ),
        migrations.AddField(
            model_name="historicalapprovalrequest",
            name="submitted_on",
            field=models.DateField(null=True, verbose_name="submitted on"),
        ),
        migrations.AddIndex(
            model_name="approvalrequest",
            index=models.Index(
                condition=models.Q(("counterparties", []), _negated=True),
                fields=["maker", "submitted_on"],
                name="request_by_maker_and_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="approvalrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_beside__gte", 0)),
                name="request_counts_no_less_than_it_is",
            ),
        ),
    ]
