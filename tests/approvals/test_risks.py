"""Notes of risk beside a request, found for all requests of a page at once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.approvals.services.entry_risks import NewSupplier, entry_risks
from apps.approvals.services.risks import risk_notes
from apps.ledgers.models import JournalEntry
from apps.ledgers.services.decisions import approve_journal_entry
from apps.ledgers.services.posting import post_journal_entry
from tests.approvals.rounds import ask_for, make_bill, make_flow, make_partner
from tests.budgets.money import House
from tests.factories import DAY, make_approver, make_ledger, make_senior

pytestmark = pytest.mark.django_db


def post(entry: JournalEntry) -> None:
    """Post a submitted entry."""
    approve_journal_entry(entry, version=entry.version, actor=make_approver(entry.ledger))
    post_journal_entry(entry, version=entry.version, actor=make_senior(entry.ledger))


def test_a_supplier_that_was_never_used_is_a_risk() -> None:
    ledger = make_ledger()
    viewer = make_approver(ledger)
    make_flow(ledger.organization)
    request = ask_for(make_bill(ledger, make_partner(ledger)))

    [note] = risk_notes([request], viewer)[request.pk]

    assert (note.kind, note.is_risky) == ("new_supplier", True)
    assert note.text == "Supplier S1 Value S1 was never used before."


@pytest.mark.parametrize(("later", "is_new"), [(30, True), (31, False)])
def test_a_supplier_is_new_for_thirty_days(later: int, is_new: bool) -> None:  # noqa: FBT001
    ledger = make_ledger()
    supplier = make_partner(ledger)
    post(make_bill(ledger, supplier))
    entry = make_bill(ledger, supplier)

    found = entry_risks([entry.pk], DAY + timedelta(days=later))

    firsts: list[date | None] = [
        one.first_used_on for one in found if isinstance(one, NewSupplier)
    ]
    assert firsts == ([DAY] if is_new else [])


def test_a_customer_is_no_new_supplier() -> None:
    ledger = make_ledger()
    entry = make_bill(ledger, make_partner(ledger, "C1", "customer"))

    assert entry_risks([entry.pk], DAY) == []


def test_notes_of_many_requests_take_as_many_queries_as_of_one() -> None:
    ledger = make_ledger()
    viewer = make_approver(ledger)
    make_flow(ledger.organization)
    requests = [
        ask_for(make_bill(ledger, make_partner(ledger, f"S{number}"))) for number in range(4)
    ]

    with CaptureQueriesContext(connection) as one:
        risk_notes(requests[:1], viewer)
    with CaptureQueriesContext(connection) as many:
        notes = risk_notes(requests, viewer)

    assert len(many) == len(one)
    assert set(notes) == {request.pk for request in requests}


def test_an_entry_that_goes_over_a_budget_is_a_risk_and_the_others_of_it_too() -> None:
    house = House()
    viewer = make_approver(house.ledger)
    make_flow(house.ledger.organization)
    house.budget("100", is_hard=False)
    first = ask_for(house.submit("60"))
    assert risk_notes([first], viewer) == {}

    second = ask_for(house.submit("60.50"))

    notes = risk_notes([first, second], viewer)
    assert [note.kind for note in notes[first.pk]] == ["over_budget"]
    [note] = notes[second.pk]
    assert note.text == (
        "Budget “Travel” of CNY 100.00 is exceeded by 20.50; this takes 60.50."
    )
