"""The page of periods: counts and steps, each refusal in a sentence."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.ledgers.models import Ledger, PeriodState
from apps.ledgers.services.closing.close import close_period
from apps.organizations.permissions import Role
from tests.factories import make_draft, make_ledger, make_senior, period_of
from tests.reports.books import client_of, make_books

pytestmark = pytest.mark.django_db


def _change(client: Client, ledger: Ledger, number: int, state: str, **values: str) -> Any:
    period = period_of(ledger, number)
    url = reverse("ledgers:period_change", args=[ledger.code, period.pk])
    return client.post(url, {"state": state, "version": str(period.version), **values})


def test_it_counts_what_is_in_the_way_of_a_close() -> None:
    books = make_books()
    make_draft(books.ledger, (books.bank, "1"), (books.equity, "-1"))
    url = reverse("ledgers:period_list", args=[books.ledger.code])

    page = client_of(books.ledger).get(url)

    [(year, rows)] = page.context["years"]
    assert year == 2026
    assert rows[0].unposted == {"draft": 1}
    assert "1 draft" in page.content.decode()


def test_a_period_opens_and_takes_no_ordinary_entries_while_it_closes() -> None:
    ledger = make_ledger()
    client = client_of(ledger)

    _change(client, ledger, 4, "open")
    answer = _change(client, ledger, 1, "closing")

    assert answer.status_code == 302
    assert period_of(ledger, 4).state == PeriodState.OPEN
    assert period_of(ledger, 1).state == PeriodState.CLOSING


def test_it_leads_to_the_page_of_a_close() -> None:
    ledger = make_ledger()
    url = reverse("ledgers:period_list", args=[ledger.code])
    close_url = reverse("ledgers:period_close", args=[ledger.code, period_of(ledger, 1).pk])

    assert close_url in client_of(ledger).get(url).content.decode()
    assert _change(client_of(ledger), ledger, 1, "closed").status_code == 422


def test_a_locked_period_never_opens() -> None:
    ledger = make_ledger()
    client = client_of(ledger)
    close_period(period_of(ledger, 1), version=2, actor=make_senior(ledger))
    _change(client, ledger, 1, "locked")

    answer = _change(client, ledger, 1, "open")

    assert answer.status_code == 409
    assert period_of(ledger, 1).state == PeriodState.LOCKED


def test_a_stale_page_changes_nothing() -> None:
    ledger = make_ledger()

    answer = _change(client_of(ledger), ledger, 1, "closing", version="99")

    assert answer.status_code == 409
    assert period_of(ledger, 1).state == PeriodState.OPEN


def test_the_next_year_is_added_once() -> None:
    ledger = make_ledger()
    client = client_of(ledger)
    url = reverse("ledgers:fiscal_year_create", args=[ledger.code])

    first = client.post(url, {"year": "2027"})
    second = client.post(url, {"year": "2027"})

    assert first.status_code == 302
    assert second.status_code == 422
    assert ledger.periods.filter(fiscal_year=2027).count() == 13


def test_an_accountant_sees_periods_and_changes_none() -> None:
    ledger = make_ledger()
    client = client_of(ledger, Role.ACCOUNTANT)
    url = reverse("ledgers:period_list", args=[ledger.code])

    assert client.get(url).status_code == 200
    assert _change(client, ledger, 1, "closing").status_code == 403


def test_another_tenant_finds_nothing() -> None:
    ledger = make_ledger()

    assert _change(client_of(make_ledger()), ledger, 1, "closing").status_code == 404
