"""What PostgreSQL keeps of statements, whoever writes."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, connections, transaction

from apps.statements.access import (
    channels_for,
    get_channel_for,
    get_statement_for,
    lines_for,
    lines_of,
    mappings_for,
    partners_for,
    statements_for,
)
from apps.statements.errors import ForeignChannel, StatementIsFixed, StatementNotProved
from apps.statements.models import StatementFile, StatementLine
from apps.statements.services import overlap
from apps.statements.services.channels import change_channel
from apps.statements.services.statement_writing import write_statement
from tests.factories import DAY, make_account, make_ledger, make_senior
from tests.statements.world import (
    make_channel,
    make_file,
    make_line,
    make_statement,
    read,
    reading,
)

pytestmark = pytest.mark.django_db


def test_a_statement_counts_with_its_lines_parts_and_sums() -> None:
    channel = make_channel()

    statement = make_statement(
        channel, read(make_line("12.50", "A"), make_line("-2.50", "B"), opening="100")
    )

    assert statement.state == StatementFile.State.IMPORTED
    assert (statement.opening_balance, statement.closing_balance) == (100, 110)
    assert [line.amount for line in lines_of(statement).order_by("id")] == [12.50, -2.50]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE statements_statementline SET amount = amount + 1",
        "DELETE FROM statements_statementline",
        "TRUNCATE statements_statementline",
        "UPDATE statements_statementpart SET reference = 'x'",
        "DELETE FROM statements_statementfile",
        "UPDATE statements_statementfile SET filename = 'x'",
        "UPDATE statements_statementfile SET state = 'reading'",
        "DELETE FROM statements_channel",
    ],
)
def test_what_was_imported_never_changes(change: str) -> None:
    make_statement(make_channel(), read(make_line("1")))

    with pytest.raises(DatabaseError, match=r"never|kept"), transaction.atomic():
        connection.cursor().execute(change)


def test_a_line_cannot_be_added_to_a_statement_that_counts() -> None:
    statement = make_statement(make_channel(), read(make_line("1")))
    line = lines_of(statement).get()
    line.pk, line.occurrence = None, 2

    with pytest.raises(DatabaseError, match="while it is imported"), transaction.atomic():
        line.save(force_insert=True)


@pytest.mark.parametrize(
    "other", [{"currency_id": "USD"}, {"channel_id": 0}, {"gross_currency_id": "QQQ"}]
)
def test_a_line_belongs_to_its_statement_whoever_adds_it(other: dict[str, object]) -> None:
    """Of many at once, one is of another channel or currency, or of an unknown one."""
    channel = make_channel()
    statement = make_file(channel, make_senior(channel.ledger))
    StatementFile.objects.filter(pk=statement.pk).update(state="importing")
    values = {"channel_id": channel.pk, "currency_id": channel.currency_id}
    lines = [
        StatementLine(
            statement=statement,
            line_no=number,
            booked_on=DAY,
            amount=1,
            fingerprint=uuid4(),
            occurrence=1,
            **values | (other if number == 2 else {}),
        )
        for number in (1, 2, 3)
    ]

    with pytest.raises(DatabaseError, match="while it is imported"), transaction.atomic():
        StatementLine.objects.bulk_create(lines)
    StatementLine.objects.bulk_create([lines[0], lines[2]])


def test_postgresql_counts_many_new_lines_before_they_are_planned_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(overlap, "MANY_LINES", 1)

    make_statement(make_channel(), read(make_line("1", "A"), make_line("2", "B")))

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname FROM pg_stats WHERE tablename = 'statements_statementline'"
        )
        assert {"statement_id", "channel_id", "booked_on"} <= {name for (name,) in cursor}


def test_lines_have_higher_keys_than_all_that_were_drawn_before_them() -> None:
    make_statement(make_channel(), read(make_line("1", "A")))
    draw = "SELECT nextval(pg_get_serial_sequence('statements_statementline', 'id'))"
    other = connections.create_connection("default")
    with other.cursor() as cursor:
        cursor.execute(draw)
        (drawn_by_another,) = cursor.fetchone()
    other.close()

    make_statement(make_channel(), read(make_line("2", "B")))

    newest = StatementLine.objects.latest("id")
    assert newest.amount == 2
    assert newest.pk > drawn_by_another


def test_a_statement_whose_balances_disagree_leaves_nothing() -> None:
    channel = make_channel()
    actor = make_senior(channel.ledger)
    statement = make_file(channel, actor)

    with (
        reading(statement, read(make_line("1"), closing="2")) as found,
        pytest.raises((StatementNotProved, DatabaseError)),
    ):
        write_statement(statement, found, actor=actor)

    statement.refresh_from_db()
    assert statement.state == StatementFile.State.READY
    assert StatementLine.objects.count() == 0


def test_a_channel_is_of_one_ledger_and_stays_there() -> None:
    channel = make_channel()
    actor = make_senior(channel.ledger)
    make_statement(channel, read(make_line("1")))

    with pytest.raises(ForeignChannel):
        make_channel(channel.ledger, make_account(make_ledger()))
    with pytest.raises(StatementIsFixed):
        other = make_account(channel.ledger)
        change_channel(channel, version=1, actor=actor, account=other)


def test_an_overlapping_statement_adds_only_what_is_missing() -> None:
    channel = make_channel()
    make_statement(channel, read(make_line("3.50"), make_line("3.50")))

    later = make_statement(
        channel, read(make_line("3.50"), make_line("3.50"), make_line("3.50"), opening=None)
    )

    assert (later.line_count, later.new_count) == (3, 1)
    occurrences = StatementLine.objects.values_list("occurrence", flat=True)
    assert sorted(occurrences) == [1, 2, 3]


def test_other_organizations_see_nothing() -> None:
    channel = make_channel()
    statement = make_statement(channel, read(make_line("1")))
    ours, other = make_senior(channel.ledger), make_senior(make_ledger())

    assert get_channel_for(ours, channel.code) == channel
    assert get_statement_for(ours, channel.code, statement.pk) == statement
    assert lines_for(ours).count() == 1
    for rows in (channels_for, partners_for, mappings_for, statements_for, lines_for):
        assert not rows(other).exists()
