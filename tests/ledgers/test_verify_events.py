"""`verify_books` finds what was not told, told twice, out of its place or changed."""

from __future__ import annotations

import pytest

from apps.events.models import InboxEvent, OutboxEvent
from apps.events.services.purging import purge_events
from apps.ledgers.services.verification import verify_inside_a_transaction
from apps.ledgers.services.verification_events import badly_signed_events, missed_events
from tests.events.probe import forge, relay_all
from tests.events.test_purging import grow_old
from tests.events.test_sources import post
from tests.factories import make_ledger
from tests.sql import run

pytestmark = pytest.mark.django_db


@pytest.fixture
def events() -> list[OutboxEvent]:
    """Return the relayed events of two postings that moved money, in the order of writing."""
    post(make_ledger(), 2)
    relay_all()
    return list(OutboxEvent.objects.order_by("number"))


def findings() -> set[str]:
    """Return the names of checks that found something."""
    return {outcome.name for outcome in verify_inside_a_transaction() if outcome.count}


def past_guards(sql: str) -> None:
    """Do what somebody with the keys of the database could."""
    run("SET LOCAL session_replication_role = replica")
    run(sql)
    run("SET LOCAL session_replication_role = origin")


def test_events_as_they_come_break_nothing(events: list[OutboxEvent]) -> None:
    assert len(events) == 4
    assert findings() == set()


def test_what_was_let_go_is_no_gap(events: list[OutboxEvent]) -> None:
    grow_old()
    purge_events()
    past_guards("UPDATE ledgers_journalentry SET posted_at = posted_at - interval '100 days'")

    assert findings() & {
        "a posted entry told of itself", "events have their places without gap"
    } == set()  # fmt: skip


def test_an_entry_that_told_nothing_is_found(events: list[OutboxEvent]) -> None:
    past_guards("DELETE FROM events_outboxevent WHERE topic = 'journal_entry.posted'")

    assert findings() >= {
        "a posted entry told of itself", "events have their places without gap"
    }  # fmt: skip


def test_a_body_or_signature_that_changed_is_found(events: list[OutboxEvent]) -> None:
    forge(events[0], "body = body || ' '")
    forge(events[1], "occurred_at = occurred_at + interval '1 hour'")

    assert "an event is what was written" in findings()
    assert badly_signed_events(None) == [f"event {events[1].pk} {events[1].key}"]


def test_a_key_out_of_order_and_money_told_twice_are_found(events: list[OutboxEvent]) -> None:
    past_guards("UPDATE events_outboxevent SET number = -number WHERE topic LIKE 'trans%%'")
    line = events[2].body[events[2].body.index('"line_id"') :].split(",")[0]
    forge(events[3], f"body = '{{{line}}}'")

    assert findings() >= {
        "events of a key have the order of their writing", "money is told once for each line"
    }  # fmt: skip


def test_an_event_that_a_consumer_passed_and_never_had_is_found(
    events: list[OutboxEvent],
) -> None:
    InboxEvent.objects.filter(consumer="ledgers.money", event_id=events[0].pk).delete()

    assert missed_events(None) == [f"ledgers.money {events[0].pk} {events[0].key}"]
