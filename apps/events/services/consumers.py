"""Who wants to know of what; apps add theirs to `CONSUMERS` when they start.

A consumer gets events in the order of their keys, some hundred at a time, inside the
transaction that notes their delivery. It changes rows of this database and nothing else: what
it did is undone with the transaction, what it sent elsewhere would not be. It raises to say
that it could not; the events are then given again one after another, to find the culprit.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from apps.events.words import Topic

if TYPE_CHECKING:
    from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Event:
    """An event as a consumer gets it: what it says is what was written.

    Amounts in `body` are whole numbers of minor units.
    """

    event_id: uuid.UUID
    topic: Topic
    key: str
    organization_id: int | None
    occurred_at: datetime
    trace_id: str
    position: int
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Consumer:
    """Who gets the events of some topics.

    `may_repeat` says that getting an event a second time leaves everything as it is: so it may
    have its inbox forgotten and all given again. No replay does so by itself.
    """

    name: str
    label: str | Promise
    topics: frozenset[Topic]
    handle: Callable[[Sequence[Event]], None]
    may_repeat: bool = False

    def wants_any_of(self, topics: Iterable[str]) -> bool:
        """Say whether an event of one of these topics is for it."""
        return not self.topics.isdisjoint(topics)


CONSUMERS: dict[str, Consumer] = {}


def register_consumer(consumer: Consumer) -> None:
    """Have a consumer get events from now on, and those that are still kept."""
    CONSUMERS[consumer.name] = consumer
