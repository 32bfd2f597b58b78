"""Giving a consumer events again that it passed: what it had already has no effect again.

A replay is for what a consumer passed without having it: somebody discarded it, or the
consumer asks for a topic since today. What it had stays as it is, and what stands aside (tried
again, dead, in quarantine, and all that waits behind it) is decided on where it stands. The
order within a key holds among what is given; what came later and was had before stays had.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from apps.audit.services import record_event
from apps.core.text import clean_text
from apps.events.errors import EventReasonIsMissing, ReplayIsTooLarge, UnknownConsumer
from apps.events.models import TroubledDelivery
from apps.events.services.arriving import read_these
from apps.events.services.consumers import CONSUMERS, Consumer, Event
from apps.events.services.delivering import attempt
from apps.events.services.standing import wait_for_cursor
from apps.events.services.tally import Tally, count
from apps.events.services.troubles import Trouble, blocked_keys, in_words, keep_troubles
from apps.organizations.models import User

BATCH = 500
State = TroubledDelivery.State
_CHOSEN = """
FROM events_outboxevent o
JOIN events_consumercursor c ON c.partition = o.partition AND c.consumer = %(consumer)s
LEFT JOIN events_inboxevent i ON i.consumer = c.consumer AND i.event_id = o.event_id
LEFT JOIN events_troubleddelivery t ON t.consumer = c.consumer AND t.event_id = o.event_id
  AND t.state IN ('retrying', 'waiting', 'dead', 'quarantined')
WHERE o.position <= c.position AND o.topic = ANY (%(topics)s)
  AND coalesce(o.key = %(key)s, true)
  AND (%(organization)s::bigint IS NULL OR o.organization_id = %(organization)s)
  AND coalesce(o.occurred_at >= %(since)s, true)
  AND coalesce(o.occurred_at < %(until)s, true)
"""
_PLAN = f"""
SELECT count(*), count(i.event_id), count(*) FILTER (WHERE i.event_id IS NULL AND t.id > 0)
{_CHOSEN}
"""
_NOT_HAD = f"""
SELECT o.partition, o.event_id {_CHOSEN} AND i.event_id IS NULL AND t.id IS NULL
ORDER BY o.partition, o.position
"""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which events: of a consumer, and of all that is not empty; `until` is not in it."""

    consumer: str
    topic: str = ""
    key: str = ""
    organization_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None

    def parameters(self) -> dict[str, Any]:
        """Return what the queries ask for.

        Raises:
            UnknownConsumer: nobody of this name gets events.
        """
        if self.consumer not in CONSUMERS:
            raise UnknownConsumer(name=self.consumer)
        topics = [str(topic) for topic in CONSUMERS[self.consumer].topics]
        return {
            "consumer": self.consumer,
            "topics": [topic for topic in topics if self.topic in {"", topic}],
            "key": self.key or None,
            "organization": self.organization_id,
            "since": self.since,
            "until": self.until,
        }


@dataclass(frozen=True, slots=True)
class Plan:
    """How many events are chosen; `had` and `aside` of them are left as they are."""

    chosen: int
    had: int
    aside: int

    @property
    def to_give(self) -> int:
        """How many are given."""
        return self.chosen - self.had - self.aside


def plan_replay(choice: Choice) -> Plan:
    """Return what a replay would do, and do nothing.

    Raises:
        UnknownConsumer: nobody of this name gets events.
    """
    with connection.cursor() as cursor:
        cursor.execute(_PLAN, choice.parameters())
        return Plan(*cursor.fetchone())


def replay_events(
    choice: Choice, *, reason: str, actor: User | None, most: int | None = None
) -> int:
    """Give what was chosen and not had, batch by batch; return how many were delivered.

    `actor` is None for the operator of the servers. What was asked is in the operation log
    before the first is given, so that a replay that dies leaves its trace.

    Raises:
        UnknownConsumer, EventReasonIsMissing: nobody of this name gets events; no reason.
        ReplayIsTooLarge: more than `most` would be given.
    """
    reason = clean_text(reason, field="reason")[:500]
    if not reason:
        raise EventReasonIsMissing(field="reason")
    plan = plan_replay(choice)
    if most is not None and plan.to_give > most:
        raise ReplayIsTooLarge(most=f"{most:,}")
    facts = {name: str(value) for name, value in asdict(choice).items() if value}
    record_event(
        "event.replay",
        actor=actor,
        resource=("events_consumercursor", choice.consumer),
        after=facts | {"reason": reason, "to_give": plan.to_give},
        organization_id=choice.organization_id,
    )
    with connection.cursor() as cursor:
        cursor.execute(_NOT_HAD, choice.parameters())
        rows: list[tuple[int, uuid.UUID]] = cursor.fetchall()
    consumer = CONSUMERS[choice.consumer]
    by_partition: dict[int, list[uuid.UUID]] = {}
    for partition, event_id in rows:
        by_partition.setdefault(partition, []).append(event_id)
    return sum(
        _give(consumer, partition, ids[start : start + BATCH])
        for partition, ids in by_partition.items()
        for start in range(0, len(ids), BATCH)
    )


def _give(consumer: Consumer, partition: int, ids: list[uuid.UUID]) -> int:
    """Give one batch in a transaction of its own; return how many were delivered."""
    tally, troubles = Tally(), []
    with transaction.atomic():
        wait_for_cursor(consumer.name, partition)
        blocked = blocked_keys(consumer.name, [partition])
        ready: list[Event] = []
        for arrival in read_these(ids):
            if arrival.event.key in blocked:
                continue
            if arrival.flaw:
                blocked.add(arrival.event.key)
                flaw = arrival.flaw.value
                troubles.append(Trouble(arrival.event, partition, State.QUARANTINED, flaw=flaw))
            else:
                ready.append(arrival.event)
        given, failed = _attempt_all(consumer, partition, ready)
        tally.add(given)
        tally.quarantined = len(troubles)
        _note_delivered(consumer, given)
        keep_troubles(consumer.name, [*troubles, *failed])
        count(consumer, partition, tally)
    return len(given)


def _attempt_all(
    consumer: Consumer, partition: int, ready: Sequence[Event]
) -> tuple[list[Event], list[Trouble]]:
    """Give events together, or one after another when that fails; later ones of a key wait."""
    if not ready or attempt(consumer, ready) is None:
        return list(ready), []
    given: list[Event] = []
    troubles: list[Trouble] = []
    blocked: set[str] = set()
    for event in ready:
        failure = None if event.key in blocked else attempt(consumer, [event])
        if event.key in blocked:
            troubles.append(Trouble(event, partition, State.WAITING))
        elif failure is None:
            given.append(event)
        else:
            blocked.add(event.key)
            error = in_words(failure)
            troubles.append(Trouble(event, partition, State.RETRYING, error=error, attempts=1))
    return given, troubles


def _note_delivered(consumer: Consumer, events: Sequence[Event]) -> None:
    """Say of what was discarded before that it was delivered after all."""
    ids = [event.event_id for event in events]
    rows = TroubledDelivery.objects.filter(consumer=consumer.name, event__in=ids)
    rows.filter(state=State.DISCARDED).update(
        state=State.DELIVERED, updated_at=timezone.now(), version=F("version") + 1
    )
