"""The journal: filters, sums of the whole result, pages, saved views and export."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.audit.models import OperationLog
from apps.ledgers.models import SavedView
from apps.ledgers.services.drafts import create_draft
from tests.factories import (
    make_approved,
    make_content,
    make_dimension_type,
    make_dimension_value,
    make_draft,
    make_posted,
    make_senior,
    make_submitted,
)
from tests.ledgers.journal_pages import Books, client_of, form_data, make_books

pytestmark = pytest.mark.django_db


@pytest.fixture
def books() -> Books:
    """Return books with a posted entry of 100.00, a submitted one of 20.00, a draft of 3.00."""
    books = make_books()
    make_posted(books.ledger, (books.bank, "100"), (books.sales, "-100"), summary="Rent")
    make_submitted(books.ledger, (books.bank, "20"), (books.sales, "-20"), summary="Taxi")
    make_draft(
        books.ledger, (books.bank, "3"), (books.sales, "-3"), summary="Tea", maker=books.maker
    )
    return books


def found(books: Books, **filters: str | int) -> list[str]:
    """Return the summaries of the entries that the filters find."""
    page = books.client.get(books.url("journal_entry_list"), filters)
    assert page.status_code == 200
    return [entry.summary for entry in page.context["page"].object_list]


def test_it_lists_the_newest_entry_first_with_exact_sums(books: Books) -> None:
    page = books.client.get(books.url("journal_entry_list"))

    totals = page.context["totals"]
    assert [entry.summary for entry in page.context["page"]] == ["Tea", "Taxi", "Rent"]
    assert (totals.count, totals.total) == (3, Decimal(123))


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"q": "rent"}, ["Rent"]),
        ({"q": "JV-2026-01-0001"}, ["Rent"]),
        ({"q": "JV-2026-02-0001"}, []),
        ({"q": "1"}, ["Rent"]),
        ({"state": "draft"}, ["Tea"]),
        ({"word": "payment"}, []),
        ({"kind": "ordinary", "number": "1"}, ["Rent"]),
        ({"account": "1002", "amount_from": "20"}, ["Taxi", "Rent"]),
        ({"account": "7"}, []),
        ({"amount_to": "3.00"}, ["Tea"]),
        ({"date_from": "2026-01-16"}, []),
        ({"date_to": "2026-01-15", "q": "t", "sort": "total"}, ["Tea", "Taxi", "Rent"]),
        ({"sort": "-summary"}, ["Tea", "Taxi", "Rent"]),
    ],
)
def test_it_filters_and_sorts(
    books: Books, filters: dict[str, str], expected: list[str]
) -> None:
    assert found(books, **filters) == expected


def test_it_finds_an_entry_by_its_dimension(books: Books) -> None:
    kind = make_dimension_type(books.ledger.organization)
    make_dimension_value(kind, "CC01")
    data = form_data(summary="With", line_dimensions=["CC01", ""])
    books.client.post(books.url("journal_entry_create"), data)

    assert found(books, dimension="CC01") == ["With"]
    assert found(books, dimension="CC02") == []


def test_it_finds_the_entries_of_a_maker_and_a_period(books: Books) -> None:
    period = books.ledger.periods.get(fiscal_year=2026, number=1)

    assert found(books, maker="me", period=period.pk) == ["Tea"]
    assert found(books, maker=books.maker.username, period=period.pk) == ["Tea"]


@pytest.mark.parametrize("state", ["", "posted", "submitted"])
def test_the_quick_sums_are_the_sums_that_counting_gives(books: Books, state: str) -> None:
    period = str(books.ledger.periods.get(fiscal_year=2026, number=1).pk)
    url = books.url("journal_entry_list")

    quick = books.client.get(url, {"period": period, "state": state})
    counted = books.client.get(url, {"period": period, "state": state, "kind": "ordinary"})

    assert quick.context["totals"] == counted.context["totals"]


@pytest.mark.parametrize(
    "filters",
    [
        {"date_from": "2026-13-01"},
        {"amount_from": "NaN"},
        {"amount_to": "1e400"},
        {"period": "x"},
        {"state": "lost"},
        {"number": "１e9"},
        {"sort": "maker__password"},
    ],
)
def test_it_says_which_filter_it_cannot_read(books: Books, filters: dict[str, str]) -> None:
    page = books.client.get(books.url("journal_entry_list"), filters)

    assert page.status_code == 400
    assert set(page.context["filters"].errors) == set(filters)


@pytest.mark.parametrize("page", ["0", "x", "99999999999999999999", "-1"])
def test_it_shows_a_page_whatever_number_is_asked_for(books: Books, page: str) -> None:
    answer = books.client.get(books.url("journal_entry_list"), {"page": page})

    assert answer.status_code == 200


def test_it_needs_the_same_number_of_queries_for_any_number_of_rows(books: Books) -> None:
    for _number in range(20):
        create_draft(
            books.ledger,
            make_content((books.bank, "1"), (books.sales, "-1")),
            actor=make_senior(books.ledger),
        )

    filters = {"state": "draft", "account": "1", "dimension": "CC01", "maker": "me"}
    with CaptureQueriesContext(connection) as queries:
        books.client.get(books.url("journal_entry_list"), filters)

    assert len(queries) <= 12


def test_it_does_not_show_the_journal_of_another_organization(books: Books) -> None:
    stranger = client_of(make_books().maker)

    assert stranger.get(books.url("journal_entry_list")).status_code == 404


def test_it_exports_every_line_of_the_result_as_csv(books: Books) -> None:
    answer = books.client.get(books.url("journal_entry_export"), {"q": "Rent"})

    text = b"".join(answer).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert [row[0] for row in rows] == ["Number", "JV-2026-01-0001", "JV-2026-01-0001"]
    assert rows[1][11:13] == ["100.00", "0.00"]


def test_it_exports_a_formula_as_text(books: Books) -> None:
    make_draft(books.ledger, (books.bank, "1"), (books.sales, "-1"), summary="=1+1")

    answer = books.client.get(books.url("journal_entry_export"), {"q": "=1"})

    assert b"'=1+1" in b"".join(answer)


def test_it_exports_a_workbook_and_leaves_a_trace(books: Books) -> None:
    answer = books.client.get(books.url("journal_entry_export"), {"format": "xlsx"})

    assert b"".join(answer).startswith(b"PK")
    assert OperationLog.objects.filter(kind="journal.export").count() == 1


def test_it_keeps_a_view_for_its_owner_alone(books: Books) -> None:
    url = books.url("saved_view_create")
    other = client_of(make_senior(books.ledger))

    books.client.post(url, {"name": "Drafts", "query": "state=draft&page=3"})

    assert SavedView.objects.get().query == "state=draft"
    listing = books.url("journal_entry_list")
    assert len(books.client.get(listing).context["saved_views"]) == 1
    assert len(other.get(listing).context["saved_views"]) == 0


@pytest.mark.parametrize("name", ["", "x" * 61, "a\u202eb"])
def test_it_refuses_a_view_without_a_proper_name(books: Books, name: str) -> None:
    books.client.post(books.url("saved_view_create"), {"name": name, "query": "state=draft"})

    assert not SavedView.objects.exists()


def test_it_deletes_an_own_view_and_no_others(books: Books) -> None:
    books.client.post(books.url("saved_view_create"), {"name": "Drafts", "query": "q=1"})
    url = books.url("saved_view_delete", SavedView.objects.get().pk)

    strangers = client_of(make_senior(books.ledger)).post(url)
    books.client.post(url)

    assert strangers.status_code == 404
    assert not SavedView.objects.exists()


def test_each_of_many_posted_together_answers_for_itself(books: Books) -> None:
    good = make_approved(books.ledger, (books.bank, "1"), (books.sales, "-1"))
    stale = make_approved(books.ledger, (books.bank, "1"), (books.sales, "-1"))
    chosen = [f"{good.pk}:{good.version}", f"{stale.pk}:1", "x:y"]

    page = client_of(make_senior(books.ledger)).post(
        books.url("journal_entry_bulk"), {"act": "post", "entry": chosen}, follow=True
    )

    good.refresh_from_db()
    stale.refresh_from_db()
    assert (good.state, stale.state) == ("posted", "approved")
    assert [m.level_tag for m in page.context["messages"]] == ["error", "success"]
