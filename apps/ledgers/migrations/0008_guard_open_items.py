"""Open items: made by posting, changed by movements, guarded and recorded."""

from pathlib import Path

from django.db import migrations

from apps.audit.triggers import append_only, audit_table

SQL = (Path(__file__).parent / "sql" / "open_items.sql").read_text(encoding="utf-8")

# Items come from posted lines, which are their own record; what people change later is not.
RECORD_CHANGES = """
CREATE TRIGGER ledgers_openitem_audit_update AFTER UPDATE ON ledgers_openitem
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION audit_update('{}');
"""


class Migration(migrations.Migration):
    """Guards of open items."""

    dependencies = [
        ("ledgers", "0007_add_currencies_and_open_items"),
        ("fx", "0001_create_rates"),
        ("policies", "0001_create_policies"),
    ]

    operations = [
        migrations.RunSQL(SQL),
        audit_table("ledgers_settlement"),
        audit_table("ledgers_itemmovement"),
        append_only("ledgers_itemmovement"),
        migrations.RunSQL(RECORD_CHANGES),
    ]
