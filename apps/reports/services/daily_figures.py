"""Keeping the daily figures: by event as they come, or all anew while posting goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from apps.events.services.consumers import Consumer, Event, register_consumer
from apps.events.services.purging import hold_purge
from apps.events.services.standing import hold_all_cursors
from apps.events.words import Topic
from apps.reports.models import DailyFigure
from apps.reports.services.figure_names import CONSUMER
from apps.reports.services.figure_sql import ADD, OF_ALL_EVENTS, OF_THE_BOOKS, OF_THESE_EVENTS

TOPICS = frozenset({
    Topic.ENTRY_POSTED,
    Topic.ENTRY_REVERSED,
    Topic.APPROVAL_DECIDED,
    Topic.RATE_CONFIRMED,
    Topic.RECONCILIATION_FINISHED,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How many figures came from how many facts."""

    figures: int
    facts: int


def register_daily_figures() -> None:
    """Have events counted by day."""
    register_consumer(Consumer(CONSUMER, _("Figures of the dashboards"), TOPICS, count_events))


def count_events(events: Sequence[Event]) -> None:
    """Add what these events tell of, by one statement."""
    _add(OF_THESE_EVENTS, events=[event.event_id for event in events])


def rebuild_daily_figures() -> Rebuilt:
    """Build all figures anew from the events that were counted, and from the books beyond them.

    Nobody who writes waits: only this consumer stands still, and no event is let go meanwhile.
    Whoever reads sees the figures of before until all are there.
    """
    with transaction.atomic():
        hold_purge()
        hold_all_cursors(CONSUMER)
        DailyFigure.objects.all().delete()
        _add(f"{OF_ALL_EVENTS} UNION ALL {OF_THE_BOOKS}", consumer=CONSUMER)
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*), coalesce(sum(count), 0) FROM reports_dailyfigure")
            return Rebuilt(*map(int, cursor.fetchone()))


def _add(facts: str, **parameters: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(ADD.format(facts=facts), {"zone": settings.TIME_ZONE, **parameters})
