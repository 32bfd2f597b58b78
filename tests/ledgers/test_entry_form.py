"""Writing entries through the form: what is saved, once, and what is said when it is not."""

from __future__ import annotations

from decimal import Decimal

import pytest

from apps.ledgers.models import DimensionSet, EntryState, JournalEntry, PeriodState
from apps.ledgers.services.periods import change_period
from tests.factories import (
    make_dimension_type,
    make_dimension_value,
    make_draft,
    make_senior,
    period_of,
)
from tests.ledgers.journal_pages import Books, client_of, form_data, make_books

pytestmark = pytest.mark.django_db


@pytest.fixture
def books() -> Books:
    """Return new books."""
    return make_books()


def test_it_shows_the_form_with_a_key_of_its_own(books: Books) -> None:
    page = books.client.get(books.url("journal_entry_create"))

    assert page.status_code == 200
    assert page.context["form"].data["form_key"]


def test_it_saves_a_draft_with_signed_lines(books: Books) -> None:
    answer = books.client.post(books.url("journal_entry_create"), form_data())

    (entry,) = books.entries()
    assert answer.status_code == 302
    assert [line.base_amount for line in entry.lines.all()] == [Decimal(100), Decimal(-100)]


def test_it_submits_in_the_same_step(books: Books) -> None:
    books.client.post(books.url("journal_entry_create"), form_data(act="submit"))

    (entry,) = books.entries()
    assert entry.state == EntryState.SUBMITTED


@pytest.mark.parametrize("act", ["save", "submit", "save_new"])
def test_it_makes_one_entry_of_a_form_sent_twice(books: Books, act: str) -> None:
    first = books.client.post(books.url("journal_entry_create"), form_data(act=act))

    second = books.client.post(books.url("journal_entry_create"), form_data(act=act))

    assert len(books.entries()) == 1
    assert (first.status_code, second.status_code) == (302, 302)


def test_it_keeps_the_keys_of_two_people_apart(books: Books) -> None:
    other = client_of(make_senior(books.ledger))
    books.client.post(books.url("journal_entry_create"), form_data())

    other.post(books.url("journal_entry_create"), form_data(summary="Mine"))

    assert [entry.summary for entry in books.entries()] == ["Cash sale", "Mine"]


@pytest.mark.parametrize("text", ["1002", "1002 Bank", "yhck", "银行存款", "bank"])
def test_it_finds_an_account_by_code_name_or_initials(books: Books, text: str) -> None:
    data = form_data((text, "1", ""), ("6001", "", "1"))

    books.client.post(books.url("journal_entry_create"), data)

    (entry,) = books.entries()
    assert entry.lines.all()[0].account == books.bank


def test_it_takes_a_negative_amount_as_red_letter_on_its_own_side(books: Books) -> None:
    data = form_data(("1002", "-5.00", ""), ("6001", "", "(5.00)"))

    books.client.post(books.url("journal_entry_create"), data)

    lines = books.entries()[0].lines.all()
    assert [(line.side, line.base_amount) for line in lines] == [
        (1, Decimal(-5)),
        (-1, Decimal(5)),
    ]


def test_it_drops_blank_rows_and_keeps_the_others_in_order(books: Books) -> None:
    data = form_data(("1002", "1", ""), ("", "", ""), (" ", "", ""), ("6001", "", "1"))

    books.client.post(books.url("journal_entry_create"), data)

    assert [line.position for line in books.entries()[0].lines.all()] == [1, 2]


def test_it_takes_the_first_lines_summary_where_the_entry_has_none(books: Books) -> None:
    data = form_data(summary="", line_summary=["Rent", "Rent"])

    books.client.post(books.url("journal_entry_create"), data)

    assert books.entries()[0].summary == "Rent"


def test_it_interns_dimensions_written_by_code(books: Books) -> None:
    kind = make_dimension_type(books.ledger.organization)
    make_dimension_value(kind, "CC01")
    data = form_data(line_dimensions=["CC01", ""])

    books.client.post(books.url("journal_entry_create"), data)

    assert DimensionSet.objects.get().label == "CC01"
    assert books.entries()[0].lines.all()[0].dimension_set is not None


def test_it_adds_blank_rows_for_people_without_script(books: Books) -> None:
    page = books.client.post(books.url("journal_entry_create"), form_data(act="add_lines"))

    assert len(page.context["rows"]) == 12
    assert books.entries() == []


def test_it_edits_a_draft_at_the_version_that_was_seen(books: Books) -> None:
    entry = make_draft(books.ledger, (books.bank, "1"), (books.sales, "-1"), maker=books.maker)
    data = form_data(version="1", summary="Changed")

    answer = books.client.post(books.url("journal_entry_edit", entry.pk), data)

    entry.refresh_from_db()
    assert (answer.status_code, entry.summary, entry.version) == (302, "Changed", 2)


def test_it_sends_others_from_the_edit_page_to_the_entry(books: Books) -> None:
    entry = make_draft(books.ledger, (books.bank, "1"), (books.sales, "-1"), maker=books.maker)
    other = client_of(make_senior(books.ledger))

    answer = other.get(books.url("journal_entry_edit", entry.pk))

    assert answer["Location"] == entry.get_absolute_url()


def test_it_refuses_to_save_somebody_elses_draft(books: Books) -> None:
    entry = make_draft(books.ledger, (books.bank, "1"), (books.sales, "-1"), maker=books.maker)
    other = client_of(make_senior(books.ledger))

    answer = other.post(books.url("journal_entry_edit", entry.pk), form_data(version="1"))

    entry.refresh_from_db()
    assert (answer.status_code, entry.version) == (403, 1)


def test_it_saves_a_thousand_and_one_lines(books: Books) -> None:
    lines = [("1002", "1.00", "")] * 1000 + [("6001", "", "1000.00")]

    answer = books.client.post(
        books.url("journal_entry_create"), form_data(*lines, act="submit")
    )

    assert answer.status_code == 302
    assert books.entries()[0].lines.count() == 1001


def test_it_saves_by_itself_and_says_where_the_draft_lives(books: Books) -> None:
    answer = books.client.post(books.url("journal_entry_autosave"), form_data())

    entry = JournalEntry.objects.get()
    assert answer.json()["version"] == 1
    assert answer.json()["url"] == books.url("journal_entry_edit", entry.pk)


def test_it_saves_by_itself_again_over_what_it_made(books: Books) -> None:
    books.client.post(books.url("journal_entry_autosave"), form_data())

    again = books.client.post(books.url("journal_entry_autosave"), form_data(summary="More"))

    assert again.json()["version"] == 2
    assert [entry.summary for entry in books.entries()] == ["More"]


def test_it_does_not_save_by_itself_what_is_not_complete(books: Books) -> None:
    data = form_data(("1002", "abc", ""))

    answer = books.client.post(books.url("journal_entry_autosave"), data)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["anchor"] == "line-1-debit"
    assert books.entries() == []


def test_it_stops_saving_by_itself_when_somebody_else_saved(books: Books) -> None:
    entry = make_draft(books.ledger, (books.bank, "1"), (books.sales, "-1"), maker=books.maker)
    url = books.url("journal_entry_autosave", entry.pk)
    books.client.post(url, form_data(version="1", summary="First"))

    answer = books.client.post(url, form_data(version="1", summary="Second"))

    assert answer.status_code == 409
    assert answer.json()["conflict_url"] == books.url("journal_entry_edit", entry.pk)


def test_it_keeps_what_was_typed_when_the_period_is_closed(books: Books) -> None:
    period = period_of(books.ledger, 1)
    actor = make_senior(books.ledger)
    for state in (PeriodState.CLOSING, PeriodState.CLOSED):
        period = change_period(period, state, version=period.version, actor=actor)

    page = books.client.post(books.url("journal_entry_create"), form_data())

    assert page.status_code == 422
    assert "2026-01" in page.context["form"].errors["entry_date"]
    assert page.context["rows"][0].account == "1002"
