"""What the pages of events show beside the rows themselves."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from apps.events.models import ConsumerCursor, InboxEvent, OutboxEvent, TroubledDelivery
from apps.events.services.consumers import CONSUMERS
from apps.organizations.access import tenant_of

if TYPE_CHECKING:
    from datetime import datetime

    from apps.organizations.models import User


@dataclass(frozen=True, slots=True)
class Shown:
    """One consumer of an event: since when it has it, or why not."""

    label: str
    state: str
    word: str
    at: datetime | None
    note: str = ""


def label_of(consumer: str) -> str:
    """Return what people call a consumer; its name where nobody has it any more."""
    return str(CONSUMERS[consumer].label) if consumer in CONSUMERS else consumer


def waiting_for_relay(user: User) -> int:
    """Return how many events of the user's organization have not been relayed."""
    return OutboxEvent.objects.filter(position=None, organization=tenant_of(user)).count()


def pretty_body(event: OutboxEvent) -> str:
    """Return the body as people read it; as it is when it cannot be read."""
    try:
        return json.dumps(json.loads(event.body), ensure_ascii=False, indent=2)
    except ValueError:
        return event.body


def deliveries_of(event: OutboxEvent) -> list[Shown]:
    """Return who gets an event, and how far that is."""
    had = {row.consumer: row for row in InboxEvent.objects.filter(event_id=event.pk)}
    stuck = {row.consumer: row for row in TroubledDelivery.objects.filter(event=event)}
    cursors = ConsumerCursor.objects.filter(partition=event.partition)
    passed = {row.consumer: row.position for row in cursors}
    shown = []
    for consumer in CONSUMERS.values():
        if event.topic not in consumer.topics:
            continue
        label, name = str(consumer.label), consumer.name
        if name in had:
            shown.append(Shown(label, "done", _("delivered"), had[name].delivered_at))
        elif name in stuck:
            row = stuck[name]
            note = str(row.get_flaw_display()) or row.error
            word = str(row.get_state_display())
            shown.append(Shown(label, row.state, word, row.updated_at, note))
        elif event.position is not None and passed.get(name, 0) >= event.position:
            shown.append(Shown(label, "done", _("built from the books"), None))
        else:
            shown.append(Shown(label, "waiting", _("on its way"), None))
    return shown
