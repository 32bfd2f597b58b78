"""verify_books finds what somebody changed behind the guards."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection

from apps.ledgers.services.verification import verify_inside_a_transaction
from apps.statements.models import StatementFile
from apps.statements.services.verification import changed_bytes, register_checks
from tests.statements.world import make_channel, make_line, make_statement, read

pytestmark = pytest.mark.django_db


@pytest.fixture
def statement() -> StatementFile:
    """Return an imported statement of three lines, two of which are equal."""
    lines = (make_line("3.50"), make_line("3.50"), make_line("-1.00", "A", text="货款"))
    return make_statement(make_channel(external_account="DE 02"), read(*lines))


def broken() -> dict[str, int]:
    """Return what does not hold, and how often."""
    return {one.name: one.count for one in verify_inside_a_transaction() if one.count}


def change(sql: str) -> None:
    """Change rows as somebody may who switches the guards off."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql)
        cursor.execute("SET LOCAL session_replication_role = origin")


def test_an_imported_statement_is_proved(statement: StatementFile) -> None:
    assert broken() == {}
    assert changed_bytes(statement.channel.ledger_id) == []
    assert callable(register_checks)


@pytest.mark.parametrize(
    ("sql", "name"),
    [
        (
            "DELETE FROM statements_statementline WHERE reference = 'A'",
            "statements have the lines and sums that they count",
        ),
        (
            "UPDATE statements_statementline SET reference = 'B' WHERE reference = 'A'",
            "fingerprints are made of their lines",
        ),
        (
            "UPDATE statements_statementline SET occurrence = 3 WHERE occurrence = 2",
            "equal lines of a channel are numbered from one",
        ),
    ],
)
def test_a_changed_line_is_found(statement: StatementFile, sql: str, name: str) -> None:
    change(sql)

    assert broken() == {name: 1}


def test_changed_or_lost_bytes_are_found(statement: StatementFile) -> None:
    path = Path(statement.file.path)

    path.write_bytes(path.read_bytes() + b"x")
    assert len(changed_bytes(None)) == 1
    path.unlink()

    assert broken() == {"kept statements are the bytes of their hash": 1}
