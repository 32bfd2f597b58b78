"""Two people, or two windows, save one draft: both versions are shown, the choice is saved."""

from __future__ import annotations

from decimal import Decimal

import pytest

from apps.ledgers.models import JournalEntry
from tests.factories import make_draft
from tests.ledgers.journal_pages import Books, form_data, make_books

pytestmark = pytest.mark.django_db


@pytest.fixture
def books() -> Books:
    """Return new books."""
    return make_books()


def saved_elsewhere(books: Books) -> JournalEntry:
    """Return a draft that another window saved as version 2: 90.00 and “Theirs”."""
    entry = make_draft(books.ledger, (books.bank, "1"), (books.sales, "-1"), maker=books.maker)
    data = form_data(
        ("1002", "90.00", ""), ("6001", "", "100.00"), version="1", summary="Theirs"
    )
    books.client.post(books.url("journal_entry_edit", entry.pk), data)
    return entry


def test_it_shows_both_versions_and_changes_nothing(books: Books) -> None:
    entry = saved_elsewhere(books)

    page = books.client.post(
        books.url("journal_entry_edit", entry.pk), form_data(version="1", summary="Yours")
    )

    entry.refresh_from_db()
    conflict = page.context["conflict"]
    assert (page.status_code, entry.summary, entry.version) == (409, "Theirs", 2)
    assert [field.name for field in conflict.fields()] == ["summary"]
    assert [line.differs for line in conflict.lines()] == [True, False]


def test_it_saves_the_choice_by_field_and_by_line(books: Books) -> None:
    entry = saved_elsewhere(books)
    choice = {"version": "2", "pick_summary": "theirs", "pick_line_1": "yours"}

    books.client.post(
        books.url("journal_entry_conflict", entry.pk), form_data(summary="Yours", **choice)
    )

    entry.refresh_from_db()
    assert (entry.summary, entry.total, entry.version) == ("Theirs", Decimal(100), 3)


def test_it_leaves_out_a_line_that_the_chosen_side_does_not_have(books: Books) -> None:
    entry = saved_elsewhere(books)
    yours = form_data(
        ("1002", "90.00", ""),
        ("6001", "", "100.00"),
        ("1002", "10.00", ""),
        version="2",
        pick_line_3="theirs",
    )

    books.client.post(books.url("journal_entry_conflict", entry.pk), yours)

    assert entry.lines.count() == 2


def test_it_asks_again_when_somebody_saved_while_one_was_choosing(books: Books) -> None:
    entry = saved_elsewhere(books)

    page = books.client.post(
        books.url("journal_entry_conflict", entry.pk), form_data(version="1", summary="Yours")
    )

    entry.refresh_from_db()
    assert (page.status_code, entry.version) == (409, 2)


def test_it_says_at_its_field_what_is_wrong_with_the_choice(books: Books) -> None:
    entry = saved_elsewhere(books)

    page = books.client.post(
        books.url("journal_entry_conflict", entry.pk),
        form_data(version="2", entry_date="2026-12-31"),
    )

    assert page.status_code == 422
    assert "entry_date" in page.context["form"].errors
