"""What could not be delivered: kept aside by key, tried again, dead in the end.

The later events of a key wait for the first that failed, whatever failed: order within a key
is worth more than speed, and only that key stands still.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone

from apps.events.domain.backoff import pause_after
from apps.events.models import TroubledDelivery

if TYPE_CHECKING:
    from apps.events.services.consumers import Event

_LONGEST_ERROR = 2_000


@dataclass(frozen=True, slots=True)
class Trouble:
    """One event that was put aside."""

    event: Event
    partition: int
    state: TroubledDelivery.State
    flaw: str = ""
    error: str = ""
    attempts: int = 0


def blocked_keys(consumer: str, partitions: Collection[int]) -> set[str]:
    """Return the keys of some partitions whose events must wait."""
    rows = TroubledDelivery.objects.filter(
        consumer=consumer, partition__in=partitions, state__in=TroubledDelivery.OPEN
    )
    return set(rows.order_by().values_list("key", flat=True).distinct())


def keep_troubles(consumer: str, troubles: Sequence[Trouble]) -> None:
    """Write what was put aside, in the running transaction."""
    now = timezone.now()
    rows = []
    for trouble in troubles:
        pause = pause_after(trouble.attempts) if trouble.attempts else None
        rows.append(
            TroubledDelivery(
                consumer=consumer,
                partition=trouble.partition,
                event_id=trouble.event.event_id,
                organization_id=trouble.event.organization_id,
                key=trouble.event.key,
                position=trouble.event.position,
                state=trouble.state,
                attempts=trouble.attempts,
                next_try_at=now + pause if pause else None,
                flaw=trouble.flaw,
                error=trouble.error,
                created_at=now,
                updated_at=now,
            )
        )
    # A replay may find what is in trouble already.
    TroubledDelivery.objects.bulk_create(rows, ignore_conflicts=True)


def in_words(error: BaseException) -> str:
    """Return what a consumer raised, as people read it."""
    return f"{type(error).__name__}: {error}"[:_LONGEST_ERROR]
