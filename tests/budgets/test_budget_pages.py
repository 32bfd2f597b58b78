"""Pages of budgets: the list, one budget, writing and changing it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.budgets.models import Budget
from tests.budgets.money import FIRST, LAST, House
from tests.permission_world import signed_in

pytestmark = pytest.mark.django_db


def url(house: House, name: str, *keys: int) -> str:
    """Return the address of a page of the ledger."""
    return reverse(f"budgets:{name}", args=[house.ledger.code, *keys])


def typed(house: House, **values: Any) -> dict[str, Any]:
    """Return a filled form of a new budget."""
    return {
        "name": "Travel of May",
        "account": house.travel.pk,
        "starts_on": FIRST,
        "ends_on": LAST,
        "amount": "1,000.50",
        "is_hard": "on",
    } | values


def test_a_senior_writes_a_budget_and_sees_what_was_taken_before() -> None:
    house = House()
    house.submit("60")
    client = signed_in(house.senior)

    answer = client.post(url(house, "budget_create"), typed(house), follow=True)

    assert answer.redirect_chain[-1][0] == url(house, "budget_detail", Budget.objects.get().pk)
    page = answer.content.decode()
    for text in ("Travel of May", "1,000.50", "940.50", "660201", "reserved"):
        assert text in page


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"account": ""}, "Choose an account, a dimension value, or both."),
        ({"amount": "1e3"}, "Enter a number."),
        ({"amount": "1.005"}, "fits the decimals of CNY"),
        ({"ends_on": "2000-01-01"}, "The last day is the first day or a later one."),
    ],
)
def test_a_wrong_form_says_what_is_wrong_and_writes_nothing(
    wrong: dict[str, Any], says: str
) -> None:
    house = House()

    answer = signed_in(house.senior).post(url(house, "budget_create"), typed(house, **wrong))

    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not Budget.objects.exists()


def test_terms_are_changed_at_the_version_that_was_seen() -> None:
    house = House()
    budget = house.budget("100")
    client = signed_in(house.senior)
    terms = {"name": "Trips", "amount": "50", "reason": "Cut", "version": "1"}

    first = client.post(url(house, "budget_edit", budget.pk), terms)
    second = client.post(url(house, "budget_edit", budget.pk), terms)

    assert (first.status_code, second.status_code) == (302, 409)
    budget.refresh_from_db()
    assert (budget.name, budget.is_hard, budget.is_active) == ("Trips", False, False)
    assert "Cut" in client.get(url(house, "budget_detail", budget.pk)).content.decode()


def test_the_list_shows_those_in_force_and_the_others_on_demand() -> None:
    house = House()
    house.budget("100")
    client: Client = signed_in(house.maker)

    current = client.get(url(house, "budget_list")).content.decode()
    everything = client.get(url(house, "budget_list"), {"show": "all"}).content.decode()

    assert "No budget is in force" in current
    assert "Travel" in everything
    assert "New budget" not in current
