"""What the pages of the journal call: saving a form once, history, route, export, views."""

from __future__ import annotations

import pytest

from apps.core.errors import InvalidInput, StaleVersion
from apps.ledgers.models import EntryState, SavedView
from apps.ledgers.services.decisions import reject_journal_entry
from apps.ledgers.services.entry_route import route_of
from apps.ledgers.services.entry_saving import (
    default_entry_date,
    intern_dimension_sets,
    save_entry,
    save_new_entry,
)
from apps.ledgers.services.history import history_of
from apps.ledgers.services.journal_export import COLUMN_KINDS, export_header, export_rows
from apps.ledgers.services.saved_views import delete_view, save_view
from tests.factories import (
    make_approver,
    make_content,
    make_dimension_type,
    make_dimension_value,
    make_draft,
    make_posted,
    make_submitted,
    period_of,
)
from tests.ledgers.journal_pages import Books, make_books

pytestmark = pytest.mark.django_db


@pytest.fixture
def books() -> Books:
    """Return new books."""
    return make_books()


def test_a_key_makes_one_entry_and_other_content_changes_it(books: Books) -> None:
    first = make_content((books.bank, "1"), (books.sales, "-1"))
    second = make_content((books.bank, "2"), (books.sales, "-2"))

    made = save_new_entry(books.ledger, first, form_key="k", submits=False, actor=books.maker)
    changed = save_new_entry(
        books.ledger, second, form_key="k", submits=False, actor=books.maker
    )

    assert (made.pk, changed.version) == (changed.pk, 2)
    assert len(books.entries()) == 1


def test_what_is_stored_already_is_not_saved_again(books: Books) -> None:
    content = make_content((books.bank, "1"), (books.sales, "-1"))
    entry = make_draft(books.ledger, (books.bank, "1"), (books.sales, "-1"), maker=books.maker)

    saved = save_entry(entry, content, version=1, submits=False, actor=books.maker)

    assert saved.version == 1


def test_other_content_needs_the_version_that_was_seen(books: Books) -> None:
    content = make_content((books.bank, "2"), (books.sales, "-2"))
    entry = make_draft(books.ledger, (books.bank, "1"), (books.sales, "-1"), maker=books.maker)

    with pytest.raises(StaleVersion):
        save_entry(entry, content, version=None, submits=True, actor=books.maker)

    entry.refresh_from_db()
    assert (entry.version, entry.state) == (1, EntryState.DRAFT)


def test_a_new_entry_is_dated_on_the_open_day_nearest_to_today(books: Books) -> None:
    assert period_of(books.ledger, 3).ends_on >= default_entry_date(books.ledger)


def test_the_same_combination_of_dimensions_is_one_set(books: Books) -> None:
    organization = books.ledger.organization
    first = make_dimension_value(make_dimension_type(organization))
    second = make_dimension_value(make_dimension_type(organization))

    ids = intern_dimension_sets(
        [(first, second), (), (second, first), (first,)], actor=books.maker
    )

    assert (ids[0], ids[1]) == (ids[2], None)
    assert ids[3] not in {ids[0], None}


def test_the_route_keeps_every_return_with_its_reason(books: Books) -> None:
    entry = make_submitted(books.ledger, (books.bank, "1"), (books.sales, "-1"))
    checker = make_approver(books.ledger)
    reject_journal_entry(entry, version=entry.version, actor=checker, reason="No invoice")

    route = route_of(entry)

    assert [step.state for step in route] == ["done", "refused", "now"]
    assert route[1].quote == "No invoice"


def test_the_history_has_every_step_of_an_entry_in_order(books: Books) -> None:
    entry = make_posted(books.ledger, (books.bank, "1"), (books.sales, "-1"))

    kinds = [step.kind.removeprefix("journal_entry.") for step in history_of(entry)]

    assert kinds == ["create", "submit", "approve", "post"]


def test_an_exported_row_has_a_cell_for_each_heading(books: Books) -> None:
    make_posted(books.ledger, (books.bank, "1"), (books.sales, "-1"))
    entries = books.ledger.entries.all()

    rows = list(export_rows(books.ledger, entries, actor=books.maker, use_chinese=True))

    assert {len(row) for row in rows} == {len(export_header())} == {len(COLUMN_KINDS)}
    assert rows[0][6] == "银行存款"


def test_a_view_of_the_same_name_replaces_the_old_one(books: Books) -> None:
    save_view(books.ledger, "journal", name="Mine", query="state=draft", actor=books.maker)

    view = save_view(
        books.ledger, "journal", name="Mine", query="?q=a&page=2", actor=books.maker
    )

    assert view.query == "q=a"
    delete_view(view, actor=books.maker)
    assert not SavedView.objects.exists()


def test_a_view_without_a_name_is_refused(books: Books) -> None:
    with pytest.raises(InvalidInput):
        save_view(books.ledger, "journal", name=" ", query="", actor=books.maker)
