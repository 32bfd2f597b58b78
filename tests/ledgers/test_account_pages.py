"""Pages of the chart of accounts."""

from __future__ import annotations

import pytest
from django.urls import reverse

from apps.ledgers.models import Account
from apps.organizations.permissions import Role
from tests.factories import make_account, make_dimension_type, make_ledger, make_posted
from tests.reports.books import Books, client_of, make_books

pytestmark = pytest.mark.django_db


def _edit(books: Books, **changes: str) -> dict[str, str]:
    values = {
        "name": "Bank",
        "is_leaf": "on",
        "is_active": "on",
        "allows_manual": "on",
        "guard": "none",
        "version": "1",
    }
    return values | changes


def test_the_tree_shows_groups_with_the_balances_below_them() -> None:
    books = make_books()
    make_posted(books.ledger, (books.bank, "120.5"), (books.equity, "-120.5"))
    url = reverse("ledgers:account_list", args=[books.ledger.code])

    page = client_of(books.ledger).get(url).content.decode()

    assert page.count("120.50") == 3
    assert page.count("<details>") >= 1
    assert page.count("<ul") == page.count("</ul>")


@pytest.mark.parametrize(("text", "codes"), [("1002", "1000 1002"), ("cash", "1000 1001")])
def test_the_search_keeps_the_way_to_what_it_found(text: str, codes: str) -> None:
    books = make_books()
    url = reverse("ledgers:account_list", args=[books.ledger.code])

    trees = client_of(books.ledger).get(url, {"q": text}).context["trees"]

    found = [node.account.code for tree in trees for node in tree.nodes]
    assert found == codes.split()


def test_inactive_accounts_show_only_when_asked_for() -> None:
    books = make_books()
    make_account(books.ledger, "1999", is_active=False)
    url = reverse("ledgers:account_list", args=[books.ledger.code])
    client = client_of(books.ledger)

    assert "1999" not in client.get(url).content.decode()
    assert "1999" in client.get(url, {"inactive": "on"}).content.decode()


def test_an_account_is_added_below_a_group_with_its_class() -> None:
    books = make_books()
    url = reverse("ledgers:account_create", args=[books.ledger.code])
    values = _edit(books, code="1009", parent=str(books.money.pk), normal_side="1", name="Till")

    answer = client_of(books.ledger).post(url, values)

    assert answer.status_code == 302
    account = Account.objects.get(chart=books.ledger.chart, code="1009")
    assert (account.parent, account.account_class) == (books.money, "asset")


@pytest.mark.parametrize(
    ("field", "value"),
    [("code", "1001"), ("code", "new"), ("name", "bad\u202ename"), ("normal_side", "7")],
)
def test_it_refuses_a_wrong_account_at_the_field(field: str, value: str) -> None:
    books = make_books()
    url = reverse("ledgers:account_create", args=[books.ledger.code])
    values = _edit(books, code="1009", account_class="asset", normal_side="1") | {field: value}

    answer = client_of(books.ledger).post(url, values)

    assert answer.status_code == 422
    assert answer.context["form"].errors[field]


def test_an_account_is_renamed_at_the_version_that_was_seen() -> None:
    books = make_books()
    url = reverse("ledgers:account_edit", args=[books.ledger.code, "1002"])

    answer = client_of(books.ledger).post(url, _edit(books, name="House bank"))

    assert answer.status_code == 302
    books.bank.refresh_from_db()
    assert (books.bank.name, books.bank.version) == ("House bank", 2)


def test_a_stale_edit_changes_nothing_and_shows_both_values() -> None:
    books = make_books()
    url = reverse("ledgers:account_edit", args=[books.ledger.code, "1002"])
    client = client_of(books.ledger)
    client.post(url, _edit(books, name="First"))

    answer = client.post(url, _edit(books, name="Second"))

    assert answer.status_code == 409
    assert {"field": "Name", "before": "First", "after": "Second"} in answer.context["changes"]
    books.bank.refresh_from_db()
    assert books.bank.name == "First"
    again = client.post(url, _edit(books, name="Second", version="2"))
    assert again.status_code == 302


def test_an_account_with_lines_stays_a_leaf_and_can_be_deactivated() -> None:
    books = make_books()
    make_posted(books.ledger, (books.bank, "1"), (books.equity, "-1"))
    url = reverse("ledgers:account_edit", args=[books.ledger.code, "1002"])
    client = client_of(books.ledger)

    refused = client.post(url, _edit(books, is_leaf=""))
    answer = client.post(url, _edit(books, is_active=""))

    assert refused.status_code == 422
    assert "it has lines" in refused.content.decode()
    assert answer.status_code == 302
    books.bank.refresh_from_db()
    assert not books.bank.is_active


def test_a_standard_chart_is_shown_before_it_is_added() -> None:
    ledger = make_ledger()
    url = reverse("ledgers:chart_import", args=[ledger.code])
    client = client_of(ledger)

    preview = client.get(url, {"chart": "ifrs"})
    answer = client.post(url, {"chart": "ifrs"})

    assert len(preview.context["new_rows"]) > 100
    assert answer.status_code == 302
    assert Account.objects.filter(chart=ledger.chart).count() == len(
        preview.context["new_rows"]
    )
    assert client.get(url, {"chart": "ifrs"}).context["new_rows"] == []


def test_options_name_the_dimensions_and_are_not_sent_twice() -> None:
    books = make_books()
    kind = make_dimension_type(books.ledger.organization, "customer")
    make_account(books.ledger, "1122", required_dimension_ids=[kind.pk], initials="ar")
    url = reverse("ledgers:account_options", args=[books.ledger.code])
    client = client_of(books.ledger)

    first = client.get(url)
    second = client.get(url, headers={"If-None-Match": first["ETag"]})
    make_account(books.ledger, "1123")

    assert ["1122", "Account 1122", "ar", ["Customer"], ""] in first.json()
    assert second.status_code == 304
    assert client.get(url, headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_only_who_may_manage_accounts_changes_them() -> None:
    books = make_books()
    url = reverse("ledgers:account_edit", args=[books.ledger.code, "1002"])

    answer = client_of(books.ledger, Role.ACCOUNTANT).post(url, _edit(books, name="Mine"))

    assert answer.status_code == 403
