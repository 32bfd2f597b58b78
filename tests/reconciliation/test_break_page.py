"""The page of a break: evidence of both sides, candidates with their reasons, its history."""

from __future__ import annotations

import pytest

from apps.organizations.permissions import Role
from apps.reconciliation.models import Break
from apps.reconciliation.services.break_page import (
    candidates_for,
    evidence_of,
    group_of,
    story_of,
)
from apps.reconciliation.services.breaks import assign_breaks
from apps.reconciliation.services.breaks_queue import Row, rows_with_lines
from apps.statements.models import StatementFile
from apps.statements.services.statement_writing import write_statement
from tests.factories import make_senior, make_user
from tests.permission_world import signed_in
from tests.reconciliation.world import make_books, run_now
from tests.statements.world import make_file, make_line, make_statement, read, reading

pytestmark = pytest.mark.django_db


def row_of(**facts: object) -> Row:
    """Return the only break with these facts, with its line."""
    (row,) = rows_with_lines(Break.objects.filter(**facts))
    return row


def test_rows_of_one_reference_stand_side_by_side() -> None:
    channel = make_books(("TXN-1", "100.00"))
    make_statement(channel, read(make_line("99.00", "TXN-1")))
    run_now(channel)

    (other,) = group_of(Break.objects.get(side="book"))

    assert (other.found.side, other.reference) == ("statement", "TXN-1")


def test_candidates_come_best_first_with_reasons_that_can_be_checked() -> None:
    channel = make_books(("Invoice 7781 of Blue Lake", "100.00"), ("Rent", "40.00"))
    line = make_line("100.01", "", counterparty="Blue Lake", text="payment")
    make_statement(channel, read(line))
    run_now(channel)

    found = candidates_for(row_of(side="statement"), [])

    assert [one.row.reference for one in found] == ["Invoice 7781 of Blue Lake", "Rent"]
    assert found[0].score > found[1].score
    assert found[0].reasons == ["amounts differ by 0.01", "same day", "words alike: 100 of 100"]


def test_a_row_of_a_statement_shows_the_text_that_it_was_read_from() -> None:
    channel = make_books(("TXN-1", "1.00"))
    content = b"first\n:61:second\nthird\n4\n5\n6\n"
    actor = make_senior(channel.ledger)
    file = make_file(channel, actor, content)
    StatementFile.objects.filter(pk=file.pk).update(encoding="utf-8")
    with reading(file, read(make_line("9.00", "X", number=2))) as found:
        write_statement(file, found, actor=actor)
    run_now(channel)

    assert evidence_of(row_of(side="statement")).raw == ":61:second\nthird\n4\n5"


def test_the_story_names_who_did_what() -> None:
    channel = make_books(("TXN-1", "1.00"))
    run_now(channel)
    user = make_user(channel.organization, Role.ACCOUNTANT)
    found = Break.objects.get()
    assign_breaks({found.pk: 1}, user, actor=user)

    steps = story_of(Break.objects.get())

    assert [step["what"] for step in steps] == [
        "found it: missing at the partner",
        f"gave it to {user.display_name()}",
    ]
    assert steps[-1]["who"] == user.display_name()


def test_the_page_shows_the_entry_and_the_cause() -> None:
    channel = make_books(("TXN-0", "100.00"))
    run_now(channel)
    user = make_user(channel.organization, Role.AUDITOR)

    page = signed_in(user).get(Break.objects.get().get_absolute_url()).content.decode()

    assert "may be on its way" in page
    assert f"/ledgers/{channel.ledger.code}/journal/" in page
