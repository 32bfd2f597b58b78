"""Open items on their pages: ageing that adds up, settling with the loss in sight, undoing."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.ledgers.models import OpenItem, Settlement
from apps.ledgers.services.ageing import ageing_of
from apps.ledgers.services.open_items import change_open_item
from tests.factories import DAY, make_accountant, make_dimension_value, make_ledger
from tests.ledgers.journal_pages import client_of
from tests.open_items import ItemBooks, left_of

pytestmark = pytest.mark.django_db
AS_OF = date(2026, 3, 31)


@pytest.fixture
def books() -> ItemBooks:
    """Return a ledger in CNY."""
    return ItemBooks()


@pytest.fixture
def client(books: ItemBooks) -> Client:
    """Return the accountant's browser."""
    return client_of(books.accountant)


def url(books: ItemBooks, name: str, *args: object) -> str:
    """Return the URL of a page."""
    return reverse(f"ledgers:{name}", args=(books.ledger.code, *args))


def due(item: OpenItem, day: date, books: ItemBooks) -> OpenItem:
    """Set the due day of an item."""
    return change_open_item(
        item, due_on=day, reference="", version=item.version, actor=books.accountant, reason=""
    )


# Ageing as of 2026-03-31, by the scenario's distances: one day ahead, 0, 30, 31, 90, 91 days.
@pytest.mark.parametrize(
    ("days", "bucket"),
    [(-1, 0), (0, 0), (1, 1), (30, 1), (31, 2), (60, 2), (61, 3), (90, 3), (91, 4)],
)
def test_an_item_is_in_the_bucket_of_its_days(books: ItemBooks, days: int, bucket: int) -> None:
    due(books.invoice("100"), AS_OF - timedelta(days=days), books)

    (row,) = ageing_of(books.ledger, books.receivables, AS_OF).rows

    assert [place for place, amount in enumerate(row.buckets) if amount] == [bucket]


def test_a_receipt_after_the_day_settles_nothing_on_it(books: ItemBooks) -> None:
    invoice = books.invoice("100", "710", currency="USD")
    receipt = books.receipt("100", "718", currency="USD", day=date(2026, 3, 16))
    books.settle((invoice, "100"), (receipt, "100"), on=date(2026, 3, 16))

    before = ageing_of(books.ledger, books.receivables, date(2026, 3, 15))
    after = ageing_of(books.ledger, books.receivables, date(2026, 3, 16))

    assert (before.total, before.control) == (Decimal(710), Decimal(710))
    assert (after.rows, after.is_proved) == ([], True)


def test_the_page_shows_partners_and_the_proof(books: ItemBooks, client: Client) -> None:
    books.invoice("100", "710", currency="USD")

    page = client.get(url(books, "open_item_list"), {"as_of": "2026-03-31"}).content.decode()

    assert "C001" in page
    assert "710.00" in page
    assert "is-ok" in page


def test_the_page_begins_with_an_account_on_which_something_is_open(
    books: ItemBooks, client: Client
) -> None:
    books._item(books.payables, books.sales, "-100", "", day=DAY)

    assert client.get(url(books, "open_item_list")).context["account"] == books.payables


def test_a_partners_items_are_listed_with_their_age(books: ItemBooks, client: Client) -> None:
    books.invoice("100")
    books.customer = make_dimension_value(books.customers, "C002")
    books.invoice("55")

    query = {"partner": "C001", "as_of": "2026-03-31"}
    page = client.get(url(books, "open_item_list"), query)

    assert [one.item.amount for one in page.context["held"]] == [Decimal(100)]
    assert "45 days overdue" in page.content.decode()


@pytest.mark.parametrize("query", [{"as_of": "x"}, {"partner": "nobody"}, {"account": "9"}])
def test_a_bad_filter_is_refused(
    books: ItemBooks, client: Client, query: dict[str, str]
) -> None:
    assert client.get(url(books, "open_item_list"), query).status_code == 422


def settle_url(books: ItemBooks, currency: str = "USD") -> str:
    """Return the page that settles the customer's items."""
    return f"{url(books, 'settlement_create', '1122')}?partner=C001&currency={currency}"


def form(*parts: tuple[OpenItem, str], act: str = "settle", **values: Any) -> dict[str, Any]:
    """Return the settlement form."""
    data: dict[str, Any] = {"act": act, "settled_on": DAY.isoformat(), "form_key": "k1"}
    data["item"] = [str(item.pk) for item, _ in parts]
    for item, amount in parts:
        data |= {f"amount_{item.pk}": amount, f"version_{item.pk}": str(item.version)}
    return data | values


def pair(books: ItemBooks) -> tuple[OpenItem, OpenItem]:
    """Return an invoice and its receipt, eight yuan apart."""
    return (
        books.invoice("100", "710", currency="USD"),
        books.receipt("100", "718", currency="USD"),
    )


def test_it_proposes_what_has_the_same_amount(books: ItemBooks, client: Client) -> None:
    books.invoice("70", "497", currency="USD")
    pair(books)

    rows = client.get(settle_url(books)).context["form"].rows

    assert [row.is_chosen for row in rows] == [False, True, True]


def test_it_shows_the_gain_before_anything_is_settled(books: ItemBooks, client: Client) -> None:
    invoice, receipt = pair(books)

    page = client.post(settle_url(books), form((invoice, "50"), (receipt, "50"), act="preview"))

    assert "exchange gain 4.00 CNY" in page.content.decode()
    assert not Settlement.objects.exists()


def test_it_settles_a_part_and_leads_to_the_settlement(
    books: ItemBooks, client: Client
) -> None:
    invoice, receipt = pair(books)

    answer = client.post(settle_url(books), form((invoice, "50"), (receipt, "50")), follow=True)

    assert answer.context["settlement"].gain == 4
    assert left_of(invoice) == (50, 355)


@pytest.mark.parametrize("part", ["x", "", "0", "100.01", "1.005", "-5", "NaN"])
def test_a_bad_amount_settles_nothing(books: ItemBooks, client: Client, part: str) -> None:
    invoice, receipt = pair(books)

    answer = client.post(settle_url(books), form((invoice, part), (receipt, part)))

    assert answer.status_code == 422
    assert not Settlement.objects.exists()


def test_a_stale_form_is_told_what_happened(books: ItemBooks, client: Client) -> None:
    invoice, receipt = pair(books)
    data = form((invoice, "60"), (receipt, "60"))
    books.settle((invoice, "10"), (receipt, "10"))

    answer = client.post(settle_url(books), data)

    assert answer.status_code == 409
    assert "Somebody else settled" in answer.context["errors"][0]["message"]


def test_who_comes_after_all_is_settled_is_told(books: ItemBooks, client: Client) -> None:
    invoice, receipt = pair(books)
    data = form((invoice, "100"), (receipt, "100"))
    books.settle((invoice, "100"), (receipt, "100"))

    answer = client.post(settle_url(books), data)

    assert answer.status_code == 409
    assert "Somebody else settled" in answer.context["errors"][0]["message"]


def test_a_page_sent_twice_leads_to_the_one_settlement(
    books: ItemBooks, client: Client
) -> None:
    data = form(*((item, "100") for item in pair(books)))

    first, second = (client.post(settle_url(books), data) for _ in range(2))

    assert (second.status_code, second.headers["Location"]) == (302, first.headers["Location"])


@pytest.mark.parametrize("key", ["999999999", "x", "-1", "9" * 30])
def test_an_item_that_is_not_there_settles_nothing(
    books: ItemBooks, client: Client, key: str
) -> None:
    data = form(*((item, "100") for item in pair(books)))
    data["item"].append(key)

    client.post(settle_url(books), data | {"act": "preview"})

    assert not Settlement.objects.exists()


def test_undoing_on_the_page_opens_the_items_again(books: ItemBooks, client: Client) -> None:
    invoice, receipt = pair(books)
    settlement = books.settle((invoice, "100"), (receipt, "100"))

    page = client.post(
        url(books, "settlement_undo", settlement.pk),
        {"version": "1", "reason": "Wrong invoice"},
        follow=True,
    )

    assert "Wrong invoice" in page.content.decode()
    assert left_of(invoice) == (100, 710)


def test_due_day_and_document_of_an_item_change(books: ItemBooks, client: Client) -> None:
    item = books.invoice("100")
    data = {"due_on": "2026-04-01", "reference": "INV-0412", "version": "1"}

    client.post(url(books, "open_item_edit", item.pk), data)

    item.refresh_from_db()
    assert (item.due_on, item.reference) == (date(2026, 4, 1), "INV-0412")


def test_a_stale_change_of_an_item_is_refused(books: ItemBooks, client: Client) -> None:
    item = books.invoice("100")
    data = {"due_on": "2026-04-01", "reference": "INV-0412", "version": "7"}

    page = client.post(url(books, "open_item_edit", item.pk), data, follow=True)

    assert "Somebody else changed" in page.content.decode()
    assert OpenItem.objects.get(pk=item.pk).reference == ""


def test_an_item_names_its_movements_and_the_entry_names_the_item(
    books: ItemBooks, client: Client
) -> None:
    invoice, receipt = pair(books)
    settlement = books.settle((invoice, "40"), (receipt, "40"))

    item = client.get(url(books, "open_item_detail", invoice.pk)).content.decode()
    entry = client.get(url(books, "journal_entry_detail", invoice.entry_id)).content.decode()

    assert url(books, "settlement_detail", settlement.pk) in item
    assert url(books, "open_item_detail", invoice.pk) in entry


def test_another_tenant_finds_nothing(books: ItemBooks) -> None:
    invoice, receipt = pair(books)
    settlement = books.settle((invoice, "40"), (receipt, "40"))
    stranger = client_of(ItemBooks().accountant)

    for path in (
        url(books, "open_item_detail", invoice.pk),
        url(books, "settlement_detail", settlement.pk),
        settle_url(books),
    ):
        assert stranger.get(path).status_code == 404


def test_a_ledger_without_control_accounts_says_so() -> None:
    ledger = make_ledger()
    page, client = (
        reverse("ledgers:open_item_list", args=(ledger.code,)),
        client_of(make_accountant(ledger)),
    )

    answers = [client.get(page, query) for query in ({}, {"as_of": "2026-01-31"})]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert b"No account controls receivables or payables" in answers[1].content
