"""Pages of dimensions."""

from __future__ import annotations

import pytest
from django.urls import reverse

from apps.ledgers.models import DimensionValue
from tests.factories import (
    make_approver,
    make_dimension_type,
    make_dimension_value,
    make_ledger,
)
from tests.reports.books import client_of

pytestmark = pytest.mark.django_db


def test_the_page_lists_the_values_of_the_chosen_dimension() -> None:
    ledger = make_ledger()
    customer = make_dimension_type(ledger.organization, "customer")
    make_dimension_value(customer, "ACME")
    make_dimension_value(make_dimension_type(ledger.organization, "project"), "BRIDGE")
    url = reverse("ledgers:dimension_list", args=[ledger.code])

    page = client_of(ledger).get(url, {"type": "customer"})

    assert [value.code for value in page.context["page"]] == ["ACME"]


def test_a_value_is_added() -> None:
    ledger = make_ledger()
    kind = make_dimension_type(ledger.organization, "customer")
    url = reverse("ledgers:dimension_value_create", args=[ledger.code])

    values = {"type": kind.pk, "code": "ACME", "name": "Acme", "name_zh": "艾克美"}
    answer = client_of(ledger).post(url, values)

    assert answer.status_code == 302
    assert DimensionValue.objects.get(type=kind).initials == "akm a"


@pytest.mark.parametrize("code", ["ACME", "two words", "a,b", ""])
def test_it_refuses_a_wrong_code_at_the_field(code: str) -> None:
    ledger = make_ledger()
    kind = make_dimension_type(ledger.organization, "customer")
    make_dimension_value(kind, "ACME")
    url = reverse("ledgers:dimension_value_create", args=[ledger.code])

    answer = client_of(ledger).post(url, {"type": kind.pk, "code": code, "name": "Acme"})

    assert answer.status_code == 422
    assert answer.context["form"].errors["code"]


def test_options_are_those_of_the_own_organization() -> None:
    ledger, other = make_ledger(), make_ledger()
    make_dimension_value(make_dimension_type(ledger.organization, "customer"), "ACME")
    make_dimension_value(make_dimension_type(other.organization, "customer"), "RIVAL")
    url = reverse("ledgers:dimension_options", args=[ledger.code])

    answer = client_of(ledger).get(url)

    assert answer.json() == [["ACME", "Value ACME", "Customer", ""]]


def test_a_value_of_another_tenants_dimension_is_refused() -> None:
    ledger, other = make_ledger(), make_ledger()
    foreign = make_dimension_type(other.organization, "customer")
    url = reverse("ledgers:dimension_value_create", args=[ledger.code])

    answer = client_of(ledger).post(url, {"type": foreign.pk, "code": "X", "name": "X"})

    assert answer.status_code == 422


def test_a_senior_names_the_owner_of_a_value() -> None:
    ledger = make_ledger()
    value = make_dimension_value(make_dimension_type(ledger.organization))
    owner, stranger = make_approver(ledger), make_approver(make_ledger())
    url = reverse("ledgers:dimension_owner_edit", args=[ledger.code, value.pk])
    senior = client_of(ledger)

    assert senior.post(url, {"owner": stranger.pk, "version": 1}).status_code == 422
    assert senior.post(url, {"owner": owner.pk, "version": 1}).status_code == 302
    assert senior.post(url, {"owner": "", "version": 1}).status_code == 409

    value.refresh_from_db()
    assert value.owner == owner
    page = senior.get(reverse("ledgers:dimension_list", args=[ledger.code]))
    assert owner.display_name() in page.text


def test_a_value_is_added_with_its_owner() -> None:
    ledger = make_ledger()
    kind, owner = make_dimension_type(ledger.organization), make_approver(ledger)
    url = reverse("ledgers:dimension_value_create", args=[ledger.code])

    client_of(ledger).post(url, {"type": kind.pk, "code": "A", "name": "A", "owner": owner.pk})

    assert DimensionValue.objects.get(type=kind).owner == owner
