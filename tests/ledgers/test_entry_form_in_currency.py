"""Lines in foreign currency through the form: rates found or written, rounding in the open."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from apps.fx.models import ExchangeRate
from apps.ledgers.models import EntryState, JournalEntry
from apps.ledgers.services.decisions import approve_journal_entry
from apps.ledgers.services.drafts import copy_journal_entry
from apps.ledgers.services.entry_lines import lines_with_rates
from apps.ledgers.services.posting import post_journal_entry
from tests.factories import DAY, make_account, make_approver, make_senior, make_system_user
from tests.fx_rates import make_rate
from tests.ledgers.journal_pages import Books, form_data, make_books

pytestmark = pytest.mark.django_db


@pytest.fixture
def books() -> Books:
    """Return new books in CNY."""
    return make_books()


def in_currency(*lines: tuple[str, str, str, str, str], **values: Any) -> dict[str, Any]:
    """Return the form of lines (account, currency, rate, debit, credit)."""
    data = form_data(*[(account, debit, credit) for account, _c, _r, debit, credit in lines])
    data["line_currency"] = [line[1] for line in lines]
    data["line_rate"] = [line[2] for line in lines]
    return data | values


def usd(amount: str = "100.00", rate: str = "") -> dict[str, Any]:
    """Return the form of a sale in USD."""
    return in_currency(("1002", "USD", rate, amount, ""), ("6001", "usd", rate, "", amount))


def saved(books: Books, data: dict[str, Any]) -> JournalEntry:
    """Send the form and return the only entry."""
    answer = books.client.post(books.url("journal_entry_create"), data)
    assert answer.status_code == 302, answer.context["errors"]
    (entry,) = books.entries()
    return entry


def test_it_looks_the_rate_of_the_day_up_and_keeps_where_it_is_from(books: Books) -> None:
    rate = make_rate("USD", "7.1234", day=date(2026, 1, 14))

    line = saved(books, usd()).lines.all()[0]

    assert (line.amount, line.base_amount) == (Decimal(100), Decimal("712.34"))
    assert (line.rate, line.rate_type, line.rate_source) == (Decimal("7.1234"), "spot", "ecb")
    assert (line.rate_on, line.rate_ids) == (date(2026, 1, 14), [rate.pk])


def test_a_rate_written_by_hand_is_marked_manual(books: Books) -> None:
    entry = saved(books, usd(rate="7.2"))

    (line, _other) = lines_with_rates(entry)
    assert (line.rate_type, line.base_amount) == ("manual", Decimal(720))
    assert line.rate_note == "7.2 · manual"  # type: ignore[attr-defined]


@pytest.mark.parametrize("written", ["", "4.8050/100"])
def test_yen_are_quoted_for_a_hundred_and_have_no_decimals(books: Books, written: str) -> None:
    make_rate("JPY", "4.8050", per=100)
    lines = ("1002", "JPY", written, "1501", ""), ("6001", "JPY", written, "", "1501")

    line = saved(books, in_currency(*lines)).lines.all()[0]

    # 1,501 × 4.8050 ÷ 100 = 72.12305
    assert (line.rate_per, line.base_amount) == (100, Decimal("72.12"))


def test_it_refuses_decimals_that_the_currency_has_not(books: Books) -> None:
    make_rate("JPY", "4.8050", per=100)
    lines = ("1002", "JPY", "", "100.5", ""), ("6001", "JPY", "", "", "100.5")

    answer = books.client.post(books.url("journal_entry_create"), in_currency(*lines))

    assert answer.status_code == 422
    assert "0 decimals for JPY" in answer.context["form"].rows[0].errors["debit"]


def test_without_a_fresh_rate_it_names_pair_and_day_at_the_line(books: Books) -> None:
    make_rate("USD", "7.1234", day=date(2025, 12, 1))

    answer = books.client.post(books.url("journal_entry_create"), usd())

    message = answer.context["form"].rows[0].errors["rate"]
    assert answer.status_code == 422
    assert "USD/CNY" in message
    assert "2026-01-15" in message
    assert books.entries() == []


@pytest.mark.parametrize("rate", ["abc", "-7", "0", "7,1", "7.12345678901", "1e3", "７"])
def test_it_refuses_what_is_no_rate(books: Books, rate: str) -> None:
    answer = books.client.post(books.url("journal_entry_create"), usd(rate=rate))

    assert answer.status_code == 422
    assert answer.context["form"].rows[0].errors["rate"]


def test_it_refuses_an_unknown_currency(books: Books) -> None:
    lines = ("1002", "XXZ", "", "1", ""), ("6001", "", "", "", "1")

    answer = books.client.post(books.url("journal_entry_create"), in_currency(*lines))

    assert "XXZ" in answer.context["form"].rows[0].errors["currency"]


def test_the_base_currency_takes_no_rate(books: Books) -> None:
    lines = ("1002", "CNY", "1", "1", ""), ("6001", "", "", "", "1")

    answer = books.client.post(books.url("journal_entry_create"), in_currency(*lines))

    assert answer.context["form"].rows[0].errors["rate"]


def test_an_account_in_one_currency_shows_the_column_and_asks_again(books: Books) -> None:
    make_account(books.ledger, "100203", currency_id="USD")
    data = form_data(("100203", "100", ""), ("6001", "", "100"))

    answer = books.client.post(books.url("journal_entry_create"), data)

    form = answer.context["form"]
    assert (form.rows[0].currency, form.shows_currency) == ("USD", True)
    assert "USD" in form.rows[0].errors["currency"]


def test_the_columns_appear_when_asked_for_without_script(books: Books) -> None:
    plain = books.client.get(books.url("journal_entry_create")).content.decode()
    answer = books.client.post(
        books.url("journal_entry_create"), form_data(act="currency")
    ).content.decode()

    assert 'name="line_currency"' not in plain.partition("<template")[0]
    assert 'name="line_currency"' in answer.partition("<template")[0]
    assert 'value="100.00"' in answer


def test_a_stored_line_comes_back_as_it_was_written(books: Books) -> None:
    make_rate("USD", "7.1234")
    entry = saved(books, usd())

    page = books.client.get(books.url("journal_entry_edit", entry.pk))

    row = page.context["form"].rows[0]
    assert (row.currency, row.rate, row.debit) == ("USD", "", "100.00")
    assert row.note == "= 712.34 CNY · 7.1234 · spot · ecb · 2026-01-15"


THIRDS = in_currency(
    ("1002", "USD", "", "100.00", ""),
    ("6001", "USD", "", "", "33.33"),
    ("6001", "USD", "", "", "33.33"),
    ("6001", "USD", "", "", "33.34"),
)


def with_rounding_account(books: Books) -> None:
    """Let the ledger name the account of rounding differences."""
    account = make_account(books.ledger, "660399")
    books.ledger.update_versioned(
        actor=make_system_user(), reason="", expected_version=None, rounding_account=account
    )


def test_a_rounding_difference_is_offered_as_a_line_and_never_swallowed(books: Books) -> None:
    make_rate("USD", "7.1234")
    with_rounding_account(books)

    answer = books.client.post(books.url("journal_entry_create"), THIRDS | {"act": "submit"})

    row = answer.context["form"].rows[-1]
    assert (answer.status_code, row.account.split()[0], row.credit) == (422, "660399", "0.01")
    assert books.entries() == []
    assert answer.context["form"].notices


def test_with_its_rounding_line_it_is_submitted(books: Books) -> None:
    make_rate("USD", "7.1234")
    make_account(books.ledger, "660399")
    names = ("account", "currency", "rate", "debit", "credit", "summary", "dimensions")
    values = ("660399", "", "", "", "0.01", "", "")
    more = {
        f"line_{name}": [*THIRDS[f"line_{name}"], value]
        for name, value in zip(names, values, strict=True)
    }

    entry = saved(books, THIRDS | more | {"act": "submit"})

    assert entry.state == EntryState.SUBMITTED


def test_more_than_rounding_explains_is_refused(books: Books) -> None:
    make_rate("USD", "7.1234")
    data = THIRDS | {"act": "submit", "line_rate": ["", "", "7.1243", ""]}

    answer = books.client.post(books.url("journal_entry_create"), data)

    # 33.33 × 7.1243 = 237.45: off by 0.02, which is the bound for four lines.
    (problem,) = answer.context["form"].general
    assert answer.status_code == 422
    assert "differ by CNY 0.02" in problem


def test_the_button_adds_the_line_and_saves_nothing(books: Books) -> None:
    make_rate("USD", "7.1234")
    with_rounding_account(books)

    answer = books.client.post(books.url("journal_entry_create"), THIRDS | {"act": "rounding"})

    row = answer.context["form"].rows[-1]
    assert (answer.status_code, row.account.split()[0], row.credit) == (200, "660399", "0.01")
    assert "CNY 0.01" in answer.context["form"].notices[0]
    assert books.entries() == []


def test_the_button_says_the_exact_difference_where_rounding_is_no_reason(
    books: Books,
) -> None:
    with_rounding_account(books)
    data = form_data(("1002", "100.00", ""), ("6001", "", "99.98"), act="rounding")

    answer = books.client.post(books.url("journal_entry_create"), data)

    assert answer.status_code == 422
    assert "differ by CNY 0.02" in answer.context["form"].general[0]
    assert len(answer.context["form"].rows) == 2


def test_the_button_says_when_there_is_nothing_to_round(books: Books) -> None:
    data = form_data(act="rounding")

    answer = books.client.post(books.url("journal_entry_create"), data)

    assert "nothing to round" in answer.context["form"].notices[0]


def test_a_copy_takes_the_rates_of_its_own_day(books: Books) -> None:
    make_rate("USD", "7.1234")
    entry = saved(books, usd())
    make_rate("USD", "7.2", day=date(2026, 2, 2))

    copy = copy_journal_entry(entry, entry_date=date(2026, 2, 2), actor=books.maker)

    assert [line.base_amount for line in copy.lines.all()] == [Decimal(720), Decimal(-720)]


def test_posting_fixes_the_rates_that_it_used(books: Books) -> None:
    rate = make_rate("USD", "7.1234")
    entry = saved(books, usd() | {"act": "submit"})
    approver = make_approver(books.ledger)
    entry = approve_and_post(entry, approver, make_senior(books.ledger))

    assert entry.state == EntryState.POSTED
    assert ExchangeRate.objects.get(pk=rate.pk).is_used


def approve_and_post(entry: JournalEntry, approver: Any, poster: Any) -> JournalEntry:
    """Walk the last two steps."""
    approved = approve_journal_entry(entry, version=entry.version, actor=approver)
    return post_journal_entry(approved, version=approved.version, actor=poster)


def test_the_rate_of_a_line_is_told_to_the_script(books: Books) -> None:
    make_rate("USD", "7.1234")
    query = {"currency": "USD", "on": DAY.isoformat()}

    answer = books.client.get(books.url("line_rate"), query).json()

    assert (answer["rate"], answer["per"], answer["digits"]) == ("7.1234000000", 1, 2)


@pytest.mark.parametrize(
    "query", [{}, {"currency": "USD"}, {"currency": "USD", "on": "2020-01-01"}]
)
def test_the_script_is_told_when_there_is_no_rate(books: Books, query: dict[str, str]) -> None:
    assert books.client.get(books.url("line_rate"), query).status_code == 422


def test_the_currencies_are_told_with_their_digits(books: Books) -> None:
    options = books.client.get(books.url("currency_options")).json()

    assert ["JPY", "Japanese Yen", 0] in options
