"""Find the lines of a file by where they lie: an entry for each line costs an eighth of all."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import migrations


class Migration(migrations.Migration):
    """A small index in the place of a large one."""

    dependencies = [("statements", "0008_guard_lines_in_one_look")]

    operations = [
        migrations.AddIndex(
            "statementline",
            BrinIndex("statement", autosummarize=True, name="statement_lines_together"),
        ),
        migrations.RemoveIndex("statementline", "statement_line_by_file"),
    ]
