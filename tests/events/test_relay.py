"""Relaying: in order, once, and past what fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.conf import LazySettings, settings
from django.db import connection

from apps.events.domain.backoff import pause_after
from apps.events.models import ConsumerCursor, InboxEvent, OutboxEvent, TroubledDelivery
from apps.events.services.consumers import CONSUMERS
from apps.events.services.outbox import NewEvent, emit
from apps.events.services.retrying import retry_due
from apps.events.words import Topic
from tests.events.probe import (
    NAME,
    Probe,
    due_now,
    forge,
    relay_all,
    sequence_all,
    tell,
    troubles,
)

pytestmark = pytest.mark.django_db
KEYS = dict(settings.EVENT_KEYS)


def test_events_come_in_the_order_of_their_key_and_together(probe: Probe) -> None:
    tell("a", 1, 2)
    tell("b", 3)
    tell("a", 4, 5)

    relay_all()

    assert (probe.had("a"), probe.had("b")) == ([1, 2, 4, 5], [3])
    assert probe.batches == [5]


def test_positions_of_a_partition_have_no_gap(probe: Probe) -> None:
    for n in range(40):
        tell(f"key {n}", n)

    relay_all()

    for partition in set(OutboxEvent.objects.values_list("partition", flat=True)):
        rows = OutboxEvent.objects.filter(partition=partition).order_by("number")
        assert [event.position for event in rows] == [*range(1, len(rows) + 1)]
    assert sorted(probe.had()) == [*range(40)]


def test_a_consumer_that_wants_none_of_the_events_moves_on_with_them(probe: Probe) -> None:
    other = replace(CONSUMERS[NAME], name="other", topics=frozenset({Topic.APPROVAL_DECIDED}))
    CONSUMERS["other"] = other
    (event,) = tell("a", 1)

    sequence_all()

    assert cursors(event.partition) == {"other": (1, 0), NAME: (0, 0)}
    relay_all()
    assert cursors(event.partition) == {"other": (1, 0), NAME: (1, 0)}
    assert probe.had() == [1]


def test_a_consumer_is_not_moved_past_what_it_has_not_had(probe: Probe) -> None:
    (event,) = tell("a", 1)
    sequence_all()
    emit(NewEvent(Topic.APPROVAL_DECIDED, "a", None, {}))

    sequence_all()

    assert OutboxEvent.objects.filter(partition=event.partition, position=2).exists()
    assert cursors(event.partition) == {NAME: (0, 0)}
    relay_all()
    assert probe.had() == [1]


def cursors(partition: int) -> dict[str, tuple[int, int]]:
    """Return position and begun deliveries of each consumer in a partition."""
    rows = ConsumerCursor.objects.filter(partition=partition)
    return {row.consumer: (row.position, row.tries) for row in rows}


def test_no_commit_of_the_relay_waits_for_the_disk(probe: Probe) -> None:
    tell("a", 1)
    commits = [commit_of(sequence_all), commit_of(relay_all)]

    assert commits == ["off", "off"]
    assert probe.had() == [1]


def commit_of(work: Callable[[], object]) -> str:
    """Say whether the commit of some work would wait for the disk."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = on")
        work()
        cursor.execute("SHOW synchronous_commit")
        return str(cursor.fetchone()[0])


def test_what_was_delivered_is_not_given_again(probe: Probe) -> None:
    tell("a", 1, 2)
    relay_all()
    ConsumerCursor.objects.all().delete()

    tell("a", 3)
    relay_all()

    assert probe.had() == [1, 2, 3]
    assert InboxEvent.objects.filter(consumer=NAME).count() == 3


def test_one_poisoned_event_stops_its_key_alone(probe: Probe) -> None:
    probe.poison = {2}
    tell("a", 1, 2, 3)
    tell("b", 4, 5)

    relay_all()
    tell("a", 6)
    relay_all()

    assert (probe.had("a"), sorted(probe.had("b"))) == ([1], [4, 5])
    assert troubles() == [("a", "retrying"), ("a", "waiting"), ("a", "waiting")]
    assert TroubledDelivery.objects.order_by("position")[0].error == (
        "LookupError: no place for 2"
    )


def test_a_poisoned_event_that_heals_is_followed_by_those_behind_it(probe: Probe) -> None:
    probe.poison = {2}
    tell("a", 1, 2, 3, 4)
    relay_all()
    probe.poison = set()
    due_now()

    relay_all()

    assert probe.had("a") == [1, 2, 3, 4]
    assert {state for _, state in troubles()} == {"delivered"}


def test_a_poisoned_event_is_tried_ten_times_and_then_dead(probe: Probe) -> None:
    probe.poison = {1}
    tell("a", 1, 2)
    relay_all()

    for _ in range(12):
        due_now()
        retry_due([*range(8)])

    assert troubles() == [("a", "dead"), ("a", "waiting")]
    assert TroubledDelivery.objects.order_by("position")[0].attempts == 10
    # The first in its batch of two, alone in the halves, then nine times more.
    assert len(probe.batches) == 2 + 9


def test_pauses_between_attempts_grow() -> None:
    pauses = [pause_after(attempts) for attempts in range(1, 11)]

    assert [pause.total_seconds() if pause else None for pause in pauses] == [
        1, 2, 4, 8, 16, 32, 64, 128, 256, None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("sql", "flaw"),
    [
        ("body = '{\"n\":9}'", "checksum"),
        ("key = 'b'", "signature"),
        ("organization_id = 7", "signature"),
        ("key_id = 'stolen'", "unknown_key"),
        ("signature = NULL", "unsigned"),
        ("body = '[]', checksum = sha256('[]')", "signature"),
    ],
)
def test_a_forged_event_goes_into_quarantine(probe: Probe, sql: str, flaw: str) -> None:
    first, _second = tell("a", 1, 2)
    sequence_all()
    forge(first, sql)

    relay_all()

    found = list(TroubledDelivery.objects.filter(state="quarantined"))
    assert [trouble.flaw for trouble in found] == [flaw]
    assert 1 not in probe.had()


def test_a_body_that_changed_before_the_relay_saw_it_is_not_signed(probe: Probe) -> None:
    (event,) = tell("a", 1)
    forge(event, "body = '{\"n\":2}', signature = NULL")

    relay_all()

    event.refresh_from_db()
    assert (event.signature, probe.had()) == (None, [])
    assert TroubledDelivery.objects.get().flaw == "checksum"


def test_an_event_written_by_sql_is_signed_by_the_relay(probe: Probe) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO events_outboxevent (event_id, topic, key, partition, body, checksum,"
            " trace_id, occurred_at, key_id) SELECT events_new_id(now()), 'fx_rate.confirmed',"
            " 'a', events_partition_of('a'), b, sha256(convert_to(b, 'UTF8')), '', now(), ''"
            " FROM (VALUES ('{\"n\":1}')) AS v (b)"
        )

    relay_all()

    event = OutboxEvent.objects.get()
    assert (probe.had(), event.key_id, event.event_id.version) == ([1], next(iter(KEYS)), 7)


def test_an_event_signed_with_an_older_key_is_still_good(
    probe: Probe, settings: LazySettings
) -> None:
    tell("a", 1)
    settings.EVENT_KEYS = {"new": b"n" * 32, **KEYS}
    tell("a", 2)

    relay_all()

    assert probe.had() == [1, 2]
    assert [event.key_id for event in OutboxEvent.objects.order_by("number")][1] == "new"


def test_an_event_over_which_every_process_dies_is_given_up(probe: Probe) -> None:
    tell("a", 1, 2)
    tell("b", 3)
    sequence_all()
    key_a = OutboxEvent.objects.filter(key="a")[0]
    ConsumerCursor.objects.filter(partition=key_a.partition).update(tries=10)

    relay_all()

    assert troubles() == [("a", "dead"), ("a", "waiting")]
    assert probe.had() == [3]
