"""What writes events: postings, reversals, money, rates, decisions."""

from __future__ import annotations

import json

import pytest

from apps.core.trace import trace
from apps.events.domain.envelopes import canonical_body, parsed_body
from apps.events.models import InboxEvent, OutboxEvent, TroubledDelivery
from apps.events.words import Topic
from apps.ledgers.models import Control, Ledger
from apps.ledgers.services.decisions import approve_journal_entry
from apps.ledgers.services.money_events import CONSUMER
from apps.ledgers.services.posting import post_entries, post_journal_entry
from apps.ledgers.services.reversal import reverse_journal_entry
from tests.approvals.rounds import approve, make_round
from tests.events.probe import relay_all
from tests.factories import (
    make_account,
    make_approver,
    make_ledger,
    make_new_entry,
    make_organization,
    make_posted,
    make_senior,
)
from tests.fx.rates import make_own
from tests.reconciliation.world import make_books, run_now
from tests.sql import run

pytestmark = pytest.mark.django_db


def told(topic: Topic) -> list[OutboxEvent]:
    """Return the events of a topic in the order of writing; each is canonical."""
    events = list(OutboxEvent.objects.filter(topic=topic).order_by("number"))
    assert all(canonical_body(parsed_body(event.body)) == event.body for event in events)
    return events


def post(ledger: Ledger, count: int) -> list[int]:
    """Post entries of a system in one call; return their keys."""
    bank, sales = make_account(ledger, control=Control.BANK), make_account(ledger)
    entries = [
        make_new_entry(ledger, (bank, "12.34"), (sales, "-12.34"), summary=f"No. {n}")
        for n in range(count)
    ]
    posted = post_entries(entries, actor=make_senior(ledger), base_currency="CNY")
    return [entry.entry_id for entry in posted]


@pytest.mark.parametrize("count", [1, 3])
def test_a_posted_entry_tells_of_itself_in_its_transaction(count: int) -> None:
    ledger = make_ledger()

    with trace() as trace_id:
        ids = post(ledger, count)

    events = told(Topic.ENTRY_POSTED)
    assert [event.key for event in events] == [f"entry:{pk}" for pk in ids]
    body = json.loads(events[0].body)
    assert (body["total_minor"], body["currency"], body["number"]) == (1234, "CNY", 1)
    assert (body["ledger"], body["reversal_of_id"]) == (ledger.code, None)
    assert (events[0].organization_id, events[0].trace_id) == (ledger.organization_id, trace_id)


def test_an_entry_that_was_posted_before_tells_nothing_again() -> None:
    ledger = make_ledger()
    bank, sales = make_account(ledger), make_account(ledger)
    entry = make_new_entry(ledger, (bank, "1"), (sales, "-1"))

    for _ in range(2):
        post_entries([entry], actor=make_senior(ledger), base_currency="CNY")

    assert len(told(Topic.ENTRY_POSTED)) == 1


def test_a_reversal_tells_of_itself_and_under_the_key_of_the_entry_it_reverses() -> None:
    ledger = make_ledger()
    wrong = make_posted(ledger, (make_account(ledger), "5"), (make_account(ledger), "-5"))

    waiting = reverse_journal_entry(wrong, actor=make_senior(ledger), reason="wrong")
    ready = approve_journal_entry(waiting, version=waiting.version, actor=make_approver(ledger))
    reversal = post_journal_entry(ready, version=ready.version, actor=make_senior(ledger))

    assert [event.key for event in told(Topic.ENTRY_POSTED)] == [
        f"entry:{wrong.pk}",
        f"entry:{reversal.pk}",
    ]
    (event,) = told(Topic.ENTRY_REVERSED)
    assert event.key == f"entry:{wrong.pk}"
    assert json.loads(event.body)["reversed_by_id"] == reversal.pk


def test_money_in_a_posted_entry_is_told_once() -> None:
    ledger = make_ledger()
    (pk,) = post(ledger, 1)

    relay_all()
    relay_all()

    (event,) = told(Topic.TRANSACTION_COMPLETED)
    body = json.loads(event.body)
    assert (body["amount_minor"], body["reference"], event.key) == (
        1234,
        "No. 0",
        f"entry:{pk}",
    )
    assert InboxEvent.objects.filter(consumer=CONSUMER).count() == 1
    assert not TroubledDelivery.objects.exists()


def test_a_line_that_moves_value_and_no_money_is_not_told() -> None:
    post(make_ledger(), 1)
    run("SET LOCAL session_replication_role = replica")
    run("UPDATE ledgers_journalline SET amount = 0")
    run("SET LOCAL session_replication_role = origin")

    relay_all()

    assert told(Topic.TRANSACTION_COMPLETED) == []
    assert InboxEvent.objects.filter(consumer=CONSUMER).count() == 1


def test_a_confirmed_rate_is_told() -> None:
    make_own(make_organization(), "USD/CNY", "7.1234")

    (event,) = told(Topic.RATE_CONFIRMED)
    body = json.loads(event.body)
    assert (event.key, body["rate"], body["revision"]) == ("rate:USD/CNY", "7.1234000000", 1)


def test_a_decided_request_is_told() -> None:
    ledger = make_ledger()
    person = make_approver(ledger)
    request = make_round(ledger=ledger)

    approve(request, person)

    (event,) = told(Topic.APPROVAL_DECIDED)
    body = json.loads(event.body)
    assert (event.key, body["state"]) == (f"approval:{request.pk}", "approved")
    assert (body["decided_by_id"], body["seconds_taken"]) == (person.pk, 0)


def test_a_finished_reconciliation_is_told() -> None:
    found = run_now(make_books(("TXN-1", "100.00")))

    (event,) = told(Topic.RECONCILIATION_FINISHED)
    assert event.key == f"channel:{found.channel_id}"
    assert json.loads(event.body)["run_id"] == found.pk
