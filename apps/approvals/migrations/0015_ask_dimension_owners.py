"""Let a step ask the owners of what a subject is booked on."""

from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

SQL = (Path(__file__).parent / "sql" / "dimension_owners.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0014_weigh_what_is_split"),
        ("ledgers", "0015_name_dimension_owners"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="flowstep",
            name="step_says_whom_it_asks",
        ),
        migrations.AddField(
            model_name="flowstep",
            name="dimension",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="ledgers.dimensiontype",
            ),
        ),
        migrations.AlterField(
            model_name="flowstep",
            name="resolver",
            field=models.CharField(
                choices=[
                    ("user", "a person"),
                    ("role", "holders of a role"),
                    ("department_head", "head of the maker's department"),
                    ("authority", "whoever may approve it"),
                    ("dimension_owner", "owners of what it is booked on"),
                ],
                max_length=15,
                verbose_name="who is asked",
            ),
        ),
        migrations.AddConstraint(
            model_name="flowstep",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("dimension", None), ("resolver", "dimension_owner"), _connector="OR"
                ),
                name="step_asks_owners_of_its_dimension",
            ),
        ),
        migrations.AddConstraint(
            model_name="flowstep",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("person__isnull", False), ("resolver", "user"), ("role", "")),
                    models.Q(
                        ("person", None),
                        ("resolver", "role"),
                        models.Q(("role", ""), _negated=True),
                    ),
                    models.Q(
                        ("person", None),
                        ("resolver__in", ("department_head", "authority", "dimension_owner")),
                        ("role", ""),
                    ),
                    _connector="OR",
                ),
                name="step_says_whom_it_asks",
            ),
        ),
        migrations.RunSQL(SQL),
    ]
