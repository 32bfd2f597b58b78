"""What the entry form refuses: a sentence at the right field, a 4xx, and nothing changed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories import make_account, make_dimension_type
from tests.ledgers.journal_pages import Books, form_data, make_books

pytestmark = pytest.mark.django_db

RIGHT_TO_LEFT = "\u202e"


@pytest.fixture
def books() -> Books:
    """Return new books."""
    return make_books()


def refused(books: Books, data: dict[str, Any]) -> dict[str, str]:
    """Send the form, check that nothing was changed, return the messages by their anchors."""
    answer = books.client.post(books.url("journal_entry_create"), data)

    assert 400 <= answer.status_code < 500
    assert books.entries() == []
    return {error["anchor"]: str(error["message"]) for error in answer.context["errors"]}


@pytest.mark.parametrize(
    "text", ["NaN", "Infinity", "1e400", "１２３", "1_000", "12.345", "1,00", "0x10", "--5"]
)
def test_it_refuses_what_is_not_an_amount_of_the_currency(books: Books, text: str) -> None:
    errors = refused(books, form_data(("1002", text, ""), ("6001", "", "1")))

    assert text in errors["line-1-debit"]


def test_it_refuses_an_unbalanced_entry(books: Books) -> None:
    data = form_data(("1002", "100", ""), ("6001", "", "99.99"), act="submit")

    errors = refused(books, data)

    assert "CNY 0.01" in errors[""]


def test_it_refuses_to_submit_a_single_line(books: Books) -> None:
    errors = refused(books, form_data(("1002", "100", ""), act="submit"))

    assert "two lines" in errors[""]


def test_it_refuses_an_amount_on_both_sides(books: Books) -> None:
    errors = refused(books, form_data(("1002", "1", "1"), ("6001", "", "1")))

    assert "line-1-credit" in errors


@pytest.mark.parametrize("amount", ["", "0", "0.00"])
def test_it_refuses_a_line_without_an_amount(books: Books, amount: str) -> None:
    errors = refused(books, form_data(("1002", amount, ""), ("6001", "", "1")))

    assert "line-1-debit" in errors


@pytest.mark.parametrize("values", [{"is_leaf": False}, {"is_active": False}])
def test_it_refuses_a_group_or_inactive_account(books: Books, values: dict[str, bool]) -> None:
    make_account(books.ledger, "1001", **values)

    errors = refused(books, form_data(("1001", "1", ""), ("6001", "", "1")))

    assert "1001" in errors["line-1-account"]


@pytest.mark.parametrize("text", ["", "9999", "no such account"])
def test_it_refuses_an_account_that_does_not_exist(books: Books, text: str) -> None:
    errors = refused(books, form_data(("1002", "1", ""), (text, "", "1")))

    assert list(errors) == ["line-2-account"]


def test_it_refuses_a_name_that_several_accounts_have(books: Books) -> None:
    make_account(books.ledger, "6002", name="Sales")

    errors = refused(books, form_data(("1002", "1", ""), ("sales", "", "1")))

    assert "6001, 6002" in errors["line-2-account"]


def test_it_refuses_an_account_of_another_currency_when_submitted(books: Books) -> None:
    make_account(books.ledger, "1003", currency_id="USD")

    errors = refused(books, form_data(("1003", "1", ""), ("6001", "", "1"), act="submit"))

    assert "USD" in errors["line-1-currency"]


def test_it_refuses_a_missing_dimension(books: Books) -> None:
    kind = make_dimension_type(books.ledger.organization, "customer")
    make_account(books.ledger, "1122", required_dimension_ids=[kind.pk])

    errors = refused(books, form_data(("1122", "1", ""), ("6001", "", "1"), act="submit"))

    assert "Customer" in errors["line-1-dimensions"]


def test_it_refuses_an_unknown_dimension_code(books: Books) -> None:
    errors = refused(books, form_data(line_dimensions=["", "CC99"]))

    assert "CC99" in errors["line-2-dimensions"]


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2026-02-30", "２０２６-01-15", "15.01.2026", "2026-1-5"]
)
def test_it_refuses_what_is_not_a_date(books: Books, text: str) -> None:
    errors = refused(books, form_data(entry_date=text))

    assert list(errors) == ["id_entry_date"]


@pytest.mark.parametrize("day", ["2026-07-01", "1999-01-01", "9999-12-31"])
def test_it_refuses_a_day_that_no_open_period_contains(books: Books, day: str) -> None:
    errors = refused(books, form_data(entry_date=day))

    assert list(errors) == ["id_entry_date"]


def test_it_refuses_an_unknown_word(books: Books) -> None:
    assert list(refused(books, form_data(word="bribe"))) == ["id_word"]


@pytest.mark.parametrize("text", [f"pay {RIGHT_TO_LEFT}001", "a\x07b", "x" * 201])
def test_it_refuses_a_summary_that_hides_or_overflows(books: Books, text: str) -> None:
    errors = refused(books, form_data(summary=text, line_summary=["", text]))

    assert list(errors) == ["id_summary", "line-2-summary"]


def test_it_answers_400_to_nul(books: Books) -> None:
    answer = books.client.post(
        books.url("journal_entry_create"), form_data(line_summary=["a\x00b", ""])
    )

    assert answer.status_code == 400
    assert books.entries() == []


@pytest.mark.parametrize("version", ["", "x", "-1", "99999999999999999999", "１"])
def test_it_takes_an_unreadable_version_for_a_stale_one(books: Books, version: str) -> None:
    books.client.post(books.url("journal_entry_create"), form_data())
    (entry,) = books.entries()

    answer = books.client.post(
        books.url("journal_entry_edit", entry.pk), form_data(version=version, summary="Other")
    )

    entry.refresh_from_db()
    assert (answer.status_code, entry.version) == (409, 1)


def test_it_points_at_each_of_several_errors(books: Books) -> None:
    data = form_data(("9999", "abc", ""), ("6001", "", "1"), entry_date="")

    errors = refused(books, data)

    assert list(errors) == ["id_entry_date", "line-1-account", "line-1-debit"]
