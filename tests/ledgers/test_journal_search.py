"""The journal of large books: pages that do not wait for sums, sums that follow them."""

from __future__ import annotations

from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
from pytest_django import DjangoAssertNumQueries

from apps.ledgers.services import journal_search
from apps.ledgers.views import journal
from tests.factories import (
    make_dimension_type,
    make_dimension_value,
    make_draft,
    make_posted,
)
from tests.ledgers.journal_pages import Books, form_data, make_books

pytestmark = pytest.mark.django_db


@pytest.fixture
def books(monkeypatch: pytest.MonkeyPatch) -> Books:
    """Return books of five entries that are treated like books of a million lines."""
    monkeypatch.setattr(journal_search, "FEW_ENTRIES", 2)
    monkeypatch.setattr(journal_search, "FEW_LINES", 2)
    monkeypatch.setattr(journal, "PAGE_SIZE", 2)
    books = make_books()
    for number in range(1, 4):
        amount = str(number * 100)
        lines = (books.bank, amount), (books.sales, f"-{amount}")
        make_posted(books.ledger, *lines, summary=f"Rent {number}")
    make_draft(books.ledger, (books.bank, "20"), (books.sales, "-20"), summary="Taxi")
    make_draft(books.ledger, (books.bank, "3"), (books.sales, "-3"), summary="Rent, garage")
    return books


def test_a_page_of_a_long_result_comes_without_sums_and_says_where_they_are(
    books: Books,
) -> None:
    page = books.client.get(books.url("journal_entry_list"), {"q": "rent"})

    assert page.context["totals"] is None
    assert [e.summary for e in page.context["page"]] == ["Rent, garage", "Rent 3"]
    totals_url = books.url("journal_entry_totals") + "?q=rent"
    assert f'hx-get="{totals_url}"' in page.content.decode()
    assert f'href="{totals_url}"' in page.content.decode()


@pytest.mark.parametrize("filters", [{"q": "rent"}, {"account": "1002", "q": "rent"}])
def test_the_sums_that_follow_are_those_of_the_whole_result(
    books: Books, filters: dict[str, str]
) -> None:
    url = books.url("journal_entry_totals")

    answer = books.client.get(url, filters, headers={"HX-Request": "true"})

    totals = answer.context["totals"]
    assert (totals.count, totals.total) == (4, Decimal(603))
    assert b"603.00" in answer.content


def test_without_javascript_the_link_leads_to_the_page_with_its_sums(books: Books) -> None:
    answer = books.client.get(books.url("journal_entry_totals"), {"q": "rent"}, follow=True)

    address = urlsplit(answer.redirect_chain[-1][0])
    assert parse_qs(address.query) == {"q": ["rent"], "totals": ["now"]}
    assert (answer.context["totals"].count, answer.context["page"].paginator.count) == (4, 4)
    assert b"603.00" in answer.content


def test_a_result_that_fits_on_its_first_page_has_its_sums_at_once(books: Books) -> None:
    page = books.client.get(books.url("journal_entry_list"), {"q": "taxi"})

    totals = page.context["totals"]
    assert (totals.count, totals.total) == (1, Decimal(20))


def test_it_leads_on_and_back_where_nobody_counted_the_pages(books: Books) -> None:
    url = books.url("journal_entry_list")

    first, last, beyond = (
        books.client.get(url, {"q": "rent", "page": number}) for number in (1, 2, 9)
    )

    assert b'rel="next"' in first.content
    assert b'rel="prev"' not in first.content
    assert b'rel="next"' not in last.content
    assert b'rel="prev"' in last.content
    assert [e.summary for e in last.context["page"]] == ["Rent 2", "Rent 1"]
    assert beyond.context["page"].number == 1


@pytest.mark.parametrize("few", [0, 1_000])
def test_entries_are_found_by_account_and_dimension_of_one_line(
    books: Books, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_dimension_value(make_dimension_type(books.ledger.organization), "CC01")
    data = form_data(summary="With", line_dimensions=["CC01", ""])
    books.client.post(books.url("journal_entry_create"), data)
    monkeypatch.setattr(journal_search, "FEW_LINES", few)
    monkeypatch.setattr(journal, "PAGE_SIZE", 50)

    def found(**filters: str) -> list[str]:
        page = books.client.get(books.url("journal_entry_list"), filters)
        return [entry.summary for entry in page.context["page"]]

    assert found(dimension="CC01") == ["With"]
    assert found(dimension="CC02") == []
    assert len(found(account=books.bank.code)) == 6
    assert (
        len(found(account=books.bank.code, dimension="CC01"))
        + len(found(account=books.sales.code, dimension="CC01"))
        == 1
    )


@pytest.mark.parametrize("few", [0, 2, 1_000])
def test_it_needs_no_more_queries_for_long_results(
    books: Books,
    few: int,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    monkeypatch.setattr(journal_search, "FEW_LINES", few)
    monkeypatch.setattr(journal_search, "FEW_ENTRIES", few)

    with django_assert_max_num_queries(12):
        books.client.get(books.url("journal_entry_list"), {"q": "rent", "sort": "total"})
    with django_assert_max_num_queries(12):
        books.client.get(books.url("journal_entry_list"), {"account": "1002"})


def test_what_is_not_posted_yet_is_one_filter(books: Books) -> None:
    page = books.client.get(books.url("journal_entry_list"), {"state": "unposted"})

    assert [e.summary for e in page.context["page"]] == ["Rent, garage", "Taxi"]
    totals = page.context["totals"]
    assert (totals.count, totals.total) == (2, Decimal(23))
