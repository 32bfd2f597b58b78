"""Draw the keys of lines by the thousand: a million draws take a twentieth of an import."""

from django.db import migrations

_DRAW = "ALTER TABLE statements_statementline ALTER COLUMN id SET CACHE {}"


class Migration(migrations.Migration):
    """A sequence that a connection looks at once for a thousand lines."""

    dependencies = [("statements", "0009_find_lines_together")]

    operations = [migrations.RunSQL(_DRAW.format(1000), _DRAW.format(1))]
