"""Turn each changed row into JSON once, not once for each of its columns."""

from django.db import migrations

from apps.audit.triggers import RECORD_FUNCTIONS

START = RECORD_FUNCTIONS.index("CREATE FUNCTION audit_update()")
END = RECORD_FUNCTIONS.index("CREATE FUNCTION audit_delete()")
BEFORE = RECORD_FUNCTIONS[START:END].replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
# OFFSET 0 keeps the planner from merging the subquery into what reads it.
AFTER = BEFORE.replace("JOIN old_rows o USING (id))", "JOIN old_rows o USING (id) OFFSET 0)")


class Migration(migrations.Migration):
    """A faster audit_update."""

    dependencies = [("audit", "0002_record_changes")]

    operations = [migrations.RunSQL(AFTER, BEFORE)]
