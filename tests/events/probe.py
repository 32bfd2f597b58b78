"""A consumer that writes down what it got, and fails when it is told to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from apps.events.models import OutboxEvent, TroubledDelivery
from apps.events.services.consumers import CONSUMERS, Consumer, Event, register_consumer
from apps.events.services.outbox import NewEvent, emit
from apps.events.services.relay import Relay
from apps.events.services.sequencing import sequence_partitions
from apps.events.words import PARTITIONS, Topic

NAME = "probe"


@dataclass
class Probe:
    """What came, as (key, n), in the order in which it came; `poison` are the n that fail."""

    poison: set[int] = field(default_factory=set)
    batches: list[int] = field(default_factory=list)

    def handle(self, events: Sequence[Event]) -> None:
        """Write down each event, or raise over a poisoned one."""
        self.batches.append(len(events))
        with connection.cursor() as cursor:
            for event in events:
                cursor.execute(
                    "INSERT INTO probe (key, n) VALUES (%s, %s)", [event.key, event.body["n"]]
                )
                if event.body["n"] in self.poison:
                    raise LookupError(f"no place for {event.body['n']}")

    def had(self, key: str = "") -> list[int]:
        """Return what had its effect, of one key or of all."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT n FROM probe WHERE key = %s OR %s = '' ORDER BY id", [key, key]
            )
            return [row[0] for row in cursor.fetchall()]


@contextmanager
def probing() -> Iterator[Probe]:
    """Let a probe be the only consumer for the length of a block."""
    others = dict(CONSUMERS)
    CONSUMERS.clear()
    probe = Probe()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE probe (id serial, key text, n int)")
    register_consumer(
        Consumer(
            NAME,
            "Probe",
            frozenset({Topic.RATE_CONFIRMED}),
            probe.handle,
        )
    )
    try:
        yield probe
    finally:
        CONSUMERS.clear()
        CONSUMERS.update(others)


def tell(key: str, *numbers: int, organization_id: int | None = None) -> list[OutboxEvent]:
    """Write events of one key."""
    with transaction.atomic():
        ids = [
            emit(NewEvent(Topic.RATE_CONFIRMED, key, organization_id, {"n": number}))
            for number in numbers
        ]
    return [OutboxEvent.objects.get(pk=event_id) for event_id in ids]


def relay_all() -> int:
    """Relay until nothing moves."""
    return Relay().drain()


def sequence_all() -> None:
    """Give events their positions without delivering them."""
    Relay().prepare()
    sequence_partitions(range(PARTITIONS))


def forge(event: OutboxEvent, sql: str) -> None:
    """Change a row past its guards, as somebody with the keys of the database could."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(f"UPDATE events_outboxevent SET {sql} WHERE event_id = %s", [event.pk])
        cursor.execute("SET LOCAL session_replication_role = origin")


def troubles() -> list[tuple[str, str]]:
    """Return key and state of what is in trouble, in the order of positions."""
    rows = TroubledDelivery.objects.order_by("partition", "position")
    return list(rows.values_list("key", "state"))


def due_now() -> None:
    """Let what is tried again be due."""
    TroubledDelivery.objects.filter(state="retrying").update(
        next_try_at=timezone.now() - timedelta(seconds=1)
    )
