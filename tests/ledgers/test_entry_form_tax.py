"""The tax of a line by the finance policy of the entry's date, in the entry form."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from apps.ledgers.models import AccountClass
from apps.policies.words import InvoiceKind
from tests.factories import make_account
from tests.fx_rates import make_rate
from tests.ledgers.journal_pages import Books, form_data, make_books
from tests.policies.policy_rows import make_policy

pytestmark = pytest.mark.django_db
LIABILITY = {"account_class": AccountClass.LIABILITY}


@pytest.fixture
def books() -> Books:
    """Return books in CNY with the accounts of input and output VAT."""
    books = make_books()
    make_account(books.ledger, "22210101", name="Input VAT", **LIABILITY)
    make_account(books.ledger, "22210107", name="Output VAT", **LIABILITY)
    return books


def split(books: Books, line: str = "2", kind: str = "special", **values: Any) -> Any:
    """Press the button; return the answer."""
    data = form_data(("1002", "113.00", ""), ("6001", "", "113.00"))
    data |= {"act": "tax", "tax_line": line, "tax_kind": kind} | values
    return books.client.post(books.url("journal_entry_create"), data)


def rows_of(answer: Any) -> list[tuple[str, str, str]]:
    """Return account code, debit and credit of each row."""
    rows = answer.context["form"].rows
    return [(row.account.split()[0], row.debit, row.credit) for row in rows]


def test_113_with_13_percent_in_it_is_100_and_13(books: Books) -> None:
    answer = split(books)

    assert answer.status_code == 200
    assert rows_of(answer)[1:] == [("6001", "", "100.00"), ("22210107", "", "13.00")]
    assert books.entries() == []


def test_tax_on_the_debit_side_is_input_tax(books: Books) -> None:
    assert rows_of(split(books, "1"))[:2] == [
        ("1002", "100.00", ""),
        ("22210101", "13.00", ""),
    ]


def test_it_takes_rate_and_rounding_of_the_policy_of_the_date(books: Books) -> None:
    make_policy(books.ledger.organization, tax_rate=Decimal("0.06"), rounding_mode="up")

    answer = split(books, line_credit=["", "100.00"])

    # 100.00 ÷ 1.06 = 94.3396…
    assert rows_of(answer)[1:] == [("6001", "", "94.34"), ("22210107", "", "5.66")]
    assert "policy v1" in answer.context["form"].notices[0]


def test_a_kind_of_invoice_may_have_a_rate_of_its_own(books: Books) -> None:
    kind = InvoiceKind.ORDINARY
    make_policy(books.ledger.organization, ordinary_tax_rate=Decimal("0.03"))

    answer = split(books, kind=kind, line_credit=["", "103.00"])

    assert rows_of(answer)[2] == ("22210107", "", "3.00")


def test_a_policy_that_begins_later_is_not_used(books: Books) -> None:
    begins = date(2026, 2, 1)
    rate = Decimal("0.06")
    make_policy(books.ledger.organization, tax_rate=rate, effective_from=begins)

    assert rows_of(split(books))[2] == ("22210107", "", "13.00")


def test_foreign_tax_keeps_currency_and_rate(books: Books) -> None:
    make_rate("USD", "7.1234")

    answer = split(books, line_currency=["USD", "USD"], line_rate=["", "7.2"])

    row = answer.context["form"].rows[2]
    assert (row.currency, row.rate, row.credit) == ("USD", "7.2", "13.00")


def test_blank_rows_count_as_the_page_numbers_them(books: Books) -> None:
    names = ("summary", "dimensions", "debit")
    blank: dict[str, Any] = {f"line_{name}": ["", "", ""] for name in names}
    blank |= {"line_account": ["1002", "", "6001"], "line_credit": ["", "", "113.00"]}

    answer = split(books, "3", **blank, form_key="5f0c1a2e-0000-4000-8000-000000000002")

    assert rows_of(answer)[-1] == ("22210107", "", "13.00")


@pytest.mark.parametrize("line", ["", "0", "9", "x", "²", "-1", "99999999999999999999"])
def test_a_line_that_is_not_there_is_refused(books: Books, line: str) -> None:
    answer = split(books, line)

    assert answer.status_code == 422
    assert len(rows_of(answer)) == 2


@pytest.mark.parametrize(
    "values",
    [
        {"tax_kind": "none"},
        {"entry_date": "x"},
        {"line_credit": ["", "x"]},
        {"line_credit": ["", ""]},
    ],
)
def test_what_cannot_be_split_is_named_and_changes_nothing(
    books: Books, values: dict[str, Any]
) -> None:
    answer = split(books, **values)

    assert answer.status_code == 422
    assert answer.context["errors"]
    assert len(rows_of(answer)) == 2


def test_the_kinds_are_offered_with_their_rates(books: Books) -> None:
    page = books.client.get(books.url("journal_entry_create"))

    assert "13 % · special VAT invoice" in page.content.decode()


def test_a_chart_without_tax_accounts_leaves_the_account_to_the_person() -> None:
    answer = split(make_books())

    assert answer.context["form"].rows[2].account == ""
