"""Choosing another ledger."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from apps.ledgers.models import Ledger
from tests.factories import make_accountant, make_ledger, make_organization

pytestmark = pytest.mark.django_db


@pytest.fixture
def ledgers() -> tuple[Ledger, Ledger]:
    organization = make_organization()
    return make_ledger(organization), make_ledger(organization)


@pytest.fixture
def client(client: Client, ledgers: tuple[Ledger, Ledger]) -> Client:
    client.force_login(make_accountant(ledgers[0]))
    return client


def _switch(client: Client, ledger: Ledger, path: str) -> str:
    response = client.post(
        reverse("portal:ledger_switch"), {"ledger": ledger.code, "next": path}
    )
    return str(response["Location"])


def test_it_shows_the_same_page_of_the_other_ledger(
    client: Client, ledgers: tuple[Ledger, Ledger]
) -> None:
    here, there = ledgers

    location = _switch(client, there, reverse("ledgers:account_list", args=(here.code,)))

    assert location == reverse("ledgers:account_list", args=(there.code,))


def test_from_a_single_entry_it_goes_to_the_other_journal(
    client: Client, ledgers: tuple[Ledger, Ledger]
) -> None:
    here, there = ledgers

    location = _switch(
        client, there, reverse("ledgers:journal_entry_detail", args=(here.code, 7))
    )

    assert location == reverse("ledgers:journal_entry_list", args=(there.code,))


def test_a_page_without_a_ledger_stays_and_the_choice_is_kept(
    client: Client, ledgers: tuple[Ledger, Ledger]
) -> None:
    location = _switch(client, ledgers[1], "/")

    assert location == "/"
    assert client.get("/").context["shell"].ledger == ledgers[1]


def test_an_unknown_page_leads_home(client: Client, ledgers: tuple[Ledger, Ledger]) -> None:
    location = _switch(client, ledgers[1], "/no/such/page/")

    assert location == "/"


def test_the_ledger_of_another_organization_does_not_exist(client: Client) -> None:
    other = make_ledger()

    response = client.post(reverse("portal:ledger_switch"), {"ledger": other.code})

    assert response.status_code == 404
