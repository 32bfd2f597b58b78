"""Writing events: in the transaction of the change, exact, and never changed."""

from __future__ import annotations

import hashlib
from decimal import Decimal

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from apps.core.trace import trace
from apps.events.domain.envelopes import Envelope, canonical_body, parsed_body, signature_of
from apps.events.models import OutboxEvent
from apps.events.services.outbox import NewEvent, emit, emit_many
from apps.events.words import Topic
from tests.events.probe import Probe, relay_all, tell

pytestmark = pytest.mark.django_db


def _event(body: dict[str, object]) -> NewEvent:
    return NewEvent(Topic.RATE_CONFIRMED, "EUR/CNY", None, body)


def test_an_event_holds_what_was_told_with_its_proof() -> None:
    with trace() as trace_id, transaction.atomic():
        event_id = emit(_event({"名": "欧元", "amount_minor": 10**17 + 1, "ok": True}))

    event = OutboxEvent.objects.get(pk=event_id)
    body = '{"amount_minor":100000000000000001,"ok":true,"名":"欧元"}'
    assert (event.body, event.position, event.trace_id) == (body, None, trace_id)
    assert bytes(event.checksum) == hashlib.sha256(body.encode()).digest()
    secret = settings.EVENT_KEYS[event.key_id]
    envelope = Envelope(
        event_id, event.topic, event.key, None, event.occurred_at, bytes(event.checksum)
    )
    assert event.signature is not None
    assert bytes(event.signature) == signature_of(envelope, secret)
    assert event.trace_parent == f"00-{trace_id}-{event_id.hex[-16:]}-01"


@pytest.mark.parametrize("value", [1.5, Decimal("1.5"), {1: 2}, object()])
def test_a_body_without_an_exact_form_is_refused(value: object) -> None:
    with pytest.raises(TypeError), transaction.atomic():
        emit(_event({"amount": value}))

    assert not OutboxEvent.objects.exists()


@pytest.mark.parametrize("text", ['{"a":1.0}', '{"a":NaN}', '{"a":1e3}', "[]", "{"])
def test_a_body_with_a_fraction_or_without_an_object_is_no_body(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parsed_body(text)


def test_a_body_survives_its_way_as_text() -> None:
    body = {"b": [1, None, {"x": '\u2028"\\\n'}], "a": -5, "c": False}

    assert parsed_body(canonical_body(body)) == body


@pytest.mark.django_db(transaction=True)
def test_an_event_without_a_transaction_is_refused() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        emit(_event({}))


def test_an_event_goes_with_the_change_that_is_undone() -> None:
    with pytest.raises(LookupError), transaction.atomic():
        emit_many([_event({"n": 1}), _event({"n": 2})])
        raise LookupError

    assert not OutboxEvent.objects.exists()


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE events_outboxevent SET body = '{}'",
        "UPDATE events_outboxevent SET key = 'other'",
        "UPDATE events_outboxevent SET position = 7",
        "UPDATE events_outboxevent SET position = NULL",
        "UPDATE events_outboxevent SET signature = NULL",
        "DELETE FROM events_outboxevent",
        "TRUNCATE events_outboxevent CASCADE",
        "UPDATE events_consumercursor SET position = 0",
        "UPDATE events_eventpartition SET last_position = 0",
    ],
)
def test_postgresql_refuses_to_change_what_was_relayed(probe: Probe, sql: str) -> None:
    tell("EUR/CNY", 1)
    relay_all()

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_an_event_that_waits_for_the_relay_cannot_be_changed_or_lost(probe: Probe) -> None:
    tell("EUR/CNY", 1)

    for sql in ("UPDATE events_outboxevent SET body = '{}'", "DELETE FROM events_outboxevent"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
