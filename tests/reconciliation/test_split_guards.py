"""PostgreSQL keeps splits and proves that parts add up; verify_books finds what does not."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from apps.reconciliation.models import MatchedItem
from tests.reconciliation.test_break_splitting import make_open, split, the_line

pytestmark = pytest.mark.django_db


def refused(sql: str, match: str) -> None:
    """Expect PostgreSQL to refuse a statement, at the latest when it is committed."""
    with (
        pytest.raises(DatabaseError, match=match),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_postgresql_proves_parts_and_keeps_them() -> None:
    _channel, user = make_open()
    made = split(the_line(), "60.00", "40.00", actor=user)
    table = "reconciliation_rowpart"

    refused(f"UPDATE {table} SET amount = 50", "append-only")
    refused(f"DELETE FROM {table}", "append-only")
    refused("DELETE FROM reconciliation_rowsplit", "never deleted")
    refused("UPDATE reconciliation_rowsplit SET amount = 90", "never changed")
    refused(
        f"INSERT INTO {table} (split_id, channel_id, side, item_id, line_id, position, amount,"
        f" note) SELECT split_id, channel_id, side, item_id + 77, line_id, 3, 5, ''"
        f" FROM {table}"
        " WHERE position = 1",
        "do not add up",
    )
    refused(
        "UPDATE reconciliation_rowsplit SET is_undone = true, undone_run_id = run_id",
        "either a row or its parts",
    )
    refused(
        "INSERT INTO reconciliation_rowsplit (organization_id, channel_id, side, item_id,"
        " line_id, run_id, part_count, amount, currency, before, reason, created_by_id,"
        " is_undone, version, created_at, updated_at) SELECT organization_id, channel_id, side,"
        " item_id + 500, line_id, run_id, 2, 10, currency, before, '', created_by_id, false, 1,"
        " now(), now() FROM reconciliation_rowsplit",
        "do not add up",
    )
    assert made.parts.count() == 2


def test_verify_books_finds_a_row_beside_its_parts() -> None:
    _channel, user = make_open()
    made = split(the_line(), "60.00", "40.00", actor=user)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    MatchedItem.objects.create(
        channel=made.channel, run=made.run, side="statement", item_id=made.item_id,
        bucket="missing_int", amount=100, currency="CNY",
    )  # fmt: skip

    with pytest.raises(SystemExit):
        call_command("verify_books")
