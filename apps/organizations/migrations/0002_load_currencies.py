"""Fill the table of currencies from the library that the application uses."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from apps.core.money import known_currencies, minor_digits


def load_currencies(apps: Apps, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Insert every ISO 4217 currency in use with its minor digits."""
    currency = apps.get_model("organizations", "Currency")
    currency.objects.bulk_create(
        [
            currency(code=code, minor_digits=minor_digits(code))
            for code in sorted(known_currencies())
        ]
    )


class Migration(migrations.Migration):
    """Data only."""

    dependencies = [("organizations", "0001_create_people")]

    operations = [migrations.RunPython(load_currencies, migrations.RunPython.noop)]
