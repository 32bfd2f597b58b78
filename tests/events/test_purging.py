"""Old events go, in batches and with a trace; what somebody may still need stays."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from apps.audit.models import OperationLog
from apps.events.models import EventPurge, InboxEvent, OutboxEvent, TroubledDelivery
from apps.events.services.purging import kept_days, purge_events
from apps.events.tasks import purge
from tests.events.probe import Probe, relay_all, tell, troubles

pytestmark = pytest.mark.django_db


def grow_old(*, days: int = 100) -> None:
    """Let all events that were relayed have been relayed long ago."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "UPDATE events_outboxevent SET relayed_at = relayed_at - make_interval(days => %s)"
            " WHERE position IS NOT NULL",
            [days],
        )
        cursor.execute("SET LOCAL session_replication_role = origin")


def test_what_everybody_had_goes_and_leaves_its_range_count_and_checksum(probe: Probe) -> None:
    events = tell("a", 1, 2, 3)
    relay_all()
    grow_old()
    tell("a", 4)
    relay_all()

    assert purge_events(batch=2).events == 3

    assert list(OutboxEvent.objects.values_list("body", flat=True)) == ['{"n":4}']
    first, second = EventPurge.objects.order_by("pk")
    assert (first.first_position, first.last_position, first.count) == (1, 2, 2)
    assert second.by_topic == {"fx_rate.confirmed": 1}
    proof = b"".join(event.pk.bytes + bytes(event.checksum) for event in events[:2])
    assert bytes(first.checksum) == hashlib.sha256(proof).digest()
    assert OperationLog.objects.filter(kind="event.purge").count() == 2


def test_what_nobody_had_is_dead_or_in_quarantine_stays(probe: Probe) -> None:
    probe.poison = {1}
    tell("a", 1, 2)
    tell("b", 3)
    relay_all()
    TroubledDelivery.objects.filter(state="retrying").update(state="dead", next_try_at=None)
    grow_old()
    tell("c", 4)

    assert purge_events().events == 1

    assert troubles() == [("a", "dead"), ("a", "waiting")]
    assert sorted(OutboxEvent.objects.values_list("key", flat=True)) == ["a", "a", "c"]


def test_a_settled_trouble_goes_with_its_event(probe: Probe) -> None:
    probe.poison = {1}
    tell("a", 1)
    relay_all()
    TroubledDelivery.objects.update(state="discarded")
    grow_old()

    purge_events()

    assert not TroubledDelivery.objects.exists()
    assert not OutboxEvent.objects.exists()


def test_what_was_not_given_to_a_consumer_stays_however_old(probe: Probe) -> None:
    tell("a", 1)
    relay_all()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO events_consumercursor (consumer, partition, position, tries)"
            " SELECT 'slow', number, 0, 0 FROM events_eventpartition"
        )
    grow_old()

    assert purge_events().events == 0


@pytest.mark.parametrize("age", [8, 100])
def test_nobody_deletes_an_event_past_the_purge(probe: Probe, age: int) -> None:
    tell("a", 1)
    relay_all()
    grow_old(days=age)

    with pytest.raises(DatabaseError, match="leaves a trace"), transaction.atomic():
        OutboxEvent.objects.all().delete()


def test_a_trace_is_for_ever(probe: Probe) -> None:
    tell("a", 1)
    relay_all()
    grow_old()
    purge.apply()

    with pytest.raises(DatabaseError), transaction.atomic():
        EventPurge.objects.update(count=2)
    with pytest.raises(DatabaseError), transaction.atomic():
        EventPurge.objects.all().delete()


def test_that_an_event_was_had_is_remembered_twice_as_long(probe: Probe) -> None:
    tell("a", 1)
    relay_all()
    grow_old()
    purge_events()
    assert InboxEvent.objects.count() == 1

    later = timezone.now() + timedelta(days=2 * kept_days() + 1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT events_forget_deliveries('probe', %s, 10)", [later])

    assert not InboxEvent.objects.exists()
