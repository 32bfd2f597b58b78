"""What people see of the subjects that are no entries, while they wait for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from tests.approvals.imported import Import
from tests.approvals.subjects import Policy, Rate, Reopening, Settlement

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from apps.organizations.models import User

pytestmark = pytest.mark.django_db
SHOWN = [
    (Reopening, "late bill", "What is reversed"),
    (Policy, "law", "Built-in defaults"),
    (Rate, "1 USD = 7.1000 CNY", "Revision"),
    (Settlement, "Settle", "600.00"),
    (Import, "Import of a.csv", "Largest entries"),
]


@pytest.mark.parametrize(("kind", "title", "part"), SHOWN)
def test_its_request_shows_what_is_decided_on(
    client: Client, kind: type[Any], title: str, part: str
) -> None:
    subject = kind().asked()
    client.force_login(subject.first)

    page = client.get(f"/approvals/{subject.round().pk}/").content.decode()

    assert title in page
    assert part in page


@pytest.mark.parametrize(("kind", "title", "_part"), SHOWN)
def test_the_list_names_it_and_its_amount_if_it_has_one(
    client: Client, kind: type[Any], title: str, _part: str
) -> None:
    subject = kind().asked()
    client.force_login(subject.first)

    page = client.get("/approvals/").content.decode()

    assert title in page
    assert ("<small>CNY</small>" in page) is (kind in {Settlement, Import})


PAGES: dict[type[Any], Callable[[Any], str]] = {
    Reopening: lambda subject: reverse(
        "ledgers:period_close", args=(subject.books.ledger.code, subject.period.pk)
    ),
    Policy: lambda subject: subject.row.get_absolute_url(),
    Rate: lambda subject: reverse("fx:rate_detail", args=(subject.row.pk,)),
    Settlement: lambda subject: subject.row.get_absolute_url(),
    Import: lambda subject: reverse(
        "ledgers:journal_import_detail", args=(subject.ledger.code, subject.row.pk)
    ),
}


@pytest.mark.parametrize("kind", PAGES)
def test_its_own_page_says_who_is_asked_and_lets_nobody_else_decide(
    client: Client, kind: type[Any]
) -> None:
    subject = kind().asked()

    def page_for(person: User) -> str:
        client.force_login(person)
        return client.get(PAGES[kind](subject)).content.decode()

    asked, other = page_for(subject.first), page_for(subject.second)

    assert f"Asked now: {subject.first}" in asked
    assert f"Asked now: {subject.first}" in other
    assert "Reject" in asked
    assert "Reject" not in other


def test_what_is_decided_stands_in_the_history_as_what_it_was(client: Client) -> None:
    subject = Policy().asked()
    subject.approve(subject.first)
    client.force_login(subject.first)

    page = client.get("/approvals/history/").content.decode()

    assert "Finance policy v1 from" in page


def test_what_moved_meanwhile_is_marked(client: Client) -> None:
    subject = Settlement().asked()
    subject.change()
    client.force_login(subject.first)

    page = client.get(f"/approvals/{subject.round().pk}/").content.decode()

    assert "changed meanwhile" in page


def test_a_rate_is_shown_beside_the_one_before(client: Client) -> None:
    before = Rate().asked()
    before.approve(before.first)
    before.approve(before.second)
    before.row = before.submit()
    client.force_login(before.first)

    page = client.get(f"/approvals/{before.round().pk}/").content.decode()

    assert "Without it a look-up finds" in page
    assert "0.00" in page
