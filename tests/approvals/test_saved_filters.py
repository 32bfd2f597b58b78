"""Filters kept under a name: for their owner alone, and without the place in the list."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from apps.approvals.access import saved_filters_for
from apps.approvals.models import SavedFilter
from apps.approvals.services.saved_filters import save_filter
from apps.core.errors import InvalidInput
from apps.organizations.models import User
from tests.factories import make_approver, make_ledger
from tests.permission_world import signed_in

pytestmark = pytest.mark.django_db
LIST = "decision_list"
CREATE = "approvals:saved_filter_create"


@pytest.fixture
def person() -> User:
    """Return an approver."""
    return make_approver(make_ledger())


@pytest.fixture
def client(person: User) -> Client:
    """Return a browser of the approver."""
    return signed_in(person)


def test_the_same_name_again_replaces_the_filter(person: User, client: Client) -> None:
    for query in ("kind=journal_entry", "verdict=reject&before=17&page=2"):
        answer = client.post(reverse(CREATE), {"name": "Mine", "query": query, "page": LIST})

    assert answer["Location"] == reverse(f"approvals:{LIST}") + "?verdict=reject"
    assert [kept.query for kept in saved_filters_for(person, LIST)] == ["verdict=reject"]


def test_a_list_offers_the_filters_of_its_reader_alone(person: User, client: Client) -> None:
    save_filter(LIST, name="Mine", query="verdict=reject", actor=person)
    stranger = make_approver(make_ledger(person.organization))
    save_filter(LIST, name="Theirs", query="verdict=reject", actor=stranger)
    save_filter("other_list", name="Elsewhere", query="", actor=person)

    page = client.get(reverse(f"approvals:{LIST}"))

    assert [kept.name for kept in page.context["saved_filters"]] == ["Mine"]


@pytest.mark.parametrize("name", ["", "x" * 61, "a\u202eb"])
def test_a_filter_without_a_proper_name_is_refused(client: Client, name: str) -> None:
    client.post(reverse(CREATE), {"name": name, "query": "verdict=reject", "page": LIST})

    assert not SavedFilter.objects.exists()


def test_a_query_that_is_too_long_is_refused(person: User) -> None:
    with pytest.raises(InvalidInput):
        save_filter(LIST, name="Long", query="q=" + "x" * 1500, actor=person)


def test_only_its_owner_deletes_a_filter(person: User, client: Client) -> None:
    kept = save_filter(LIST, name="Mine", query="", actor=person)
    url = reverse("approvals:saved_filter_delete", args=(kept.pk,))

    other = signed_in(make_approver(make_ledger(person.organization))).post(url)
    client.post(url)

    assert other.status_code == 404
    assert not SavedFilter.objects.exists()


def test_an_unknown_list_leads_to_the_history(client: Client) -> None:
    answer = client.post(reverse(CREATE), {"name": "x", "page": "//evil.example"})

    assert answer["Location"] == reverse(f"approvals:{LIST}") + "?"
