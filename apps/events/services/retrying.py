"""Trying again what is in trouble: the first of each key, then all that wait behind it.

Each attempt is counted and committed before it is made, so that an event over which the
process dies comes to its end too.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from apps.events.domain.backoff import MOST_ATTEMPTS, pause_after
from apps.events.models import TroubledDelivery
from apps.events.services.arriving import read_event
from apps.events.services.consumers import CONSUMERS, Consumer
from apps.events.services.delivering import attempt, hold_cursors
from apps.events.services.tally import Tally, count
from apps.events.services.troubles import in_words

State = TroubledDelivery.State
_DUE = """
SELECT consumer, partition, key FROM (
  SELECT DISTINCT ON (consumer, partition, key) consumer, partition, key, state, next_try_at
  FROM events_troubleddelivery
  WHERE state IN ('retrying', 'waiting', 'dead', 'quarantined') AND partition = ANY (%s)
  ORDER BY consumer, partition, key, position
) first
WHERE state = 'waiting' OR state = 'retrying' AND next_try_at <= clock_timestamp()
LIMIT 100
"""


def retry_due(partitions: list[int]) -> int:
    """Try what is due in these partitions; return how many events were delivered."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE, [partitions])
        due = cursor.fetchall()
    return sum(
        _retry_key(CONSUMERS[name], partition, key)
        for name, partition, key in due
        if name in CONSUMERS
    )


def _retry_key(consumer: Consumer, partition: int, key: str) -> int:
    """Deliver the events of a key in their order, until one of them may not go on."""
    rows = TroubledDelivery.objects.filter(
        consumer=consumer.name, partition=partition, key=key, state__in=TroubledDelivery.OPEN
    )
    delivered = 0
    while (trouble := rows.order_by("position").first()) is not None:
        if not _count(trouble) or not _retry(consumer, trouble):
            break
        delivered += 1
    return delivered


def _count(trouble: TroubledDelivery) -> bool:
    """Count an attempt before it is made; say whether it is due and may be made."""
    now = timezone.now()
    is_due = trouble.state == State.WAITING or (
        trouble.state == State.RETRYING and (trouble.next_try_at or now) <= now
    )
    if not is_due:
        return False
    row = TroubledDelivery.objects.filter(pk=trouble.pk, version=trouble.version)
    if trouble.attempts >= MOST_ATTEMPTS:
        _change(trouble, state=State.DEAD, next_try_at=None)
        return False
    attempts = trouble.attempts + 1
    pause = pause_after(attempts) or timedelta()
    counted = row.update(
        state=State.RETRYING,
        attempts=attempts,
        next_try_at=now + pause,
        updated_at=now,
        version=F("version") + 1,
    )
    if counted:
        trouble.refresh_from_db()
    return bool(counted)


def _retry(consumer: Consumer, trouble: TroubledDelivery) -> bool:
    """Make one attempt; say whether the event was delivered."""
    tally = Tally(retried=1)
    with transaction.atomic():
        if not hold_cursors(consumer, [trouble.partition]):
            return False
        is_delivered = _attempt(consumer, trouble, tally)
        count(consumer, trouble.partition, tally)
    return is_delivered


def _attempt(consumer: Consumer, trouble: TroubledDelivery, tally: Tally) -> bool:
    arrival = read_event(trouble.event_id)
    if arrival.flaw:
        tally.quarantined = 1
        return _change(trouble, state=State.QUARANTINED, flaw=arrival.flaw.value) and False
    failure = attempt(consumer, [arrival.event])
    if failure is None:
        tally.add([arrival.event])
        return _change(trouble, state=State.DELIVERED, next_try_at=None)
    tally.dead = int(pause_after(trouble.attempts) is None)
    changes = {"state": State.DEAD, "next_try_at": None} if tally.dead else {}
    return _change(trouble, error=in_words(failure), **changes) and False


def _change(trouble: TroubledDelivery, **changes: object) -> bool:
    """Write what became of an attempt, unless somebody decided meanwhile."""
    rows = TroubledDelivery.objects.filter(pk=trouble.pk, version=trouble.version)
    return bool(rows.update(updated_at=timezone.now(), version=F("version") + 1, **changes))
