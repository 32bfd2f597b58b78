"""The only ways to fetch events: each takes the user, 404 for what is not theirs."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.shortcuts import get_object_or_404

from apps.events.models import OutboxEvent, TroubledDelivery
from apps.organizations.access import tenant_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet

    from apps.organizations.models import User


def events_for(user: User) -> QuerySet[OutboxEvent]:
    """Return the events of the user's organization, the newest first."""
    return OutboxEvent.objects.filter(organization=tenant_of(user)).order_by("-event_id")


def matching(rows: QuerySet[OutboxEvent], filters: Mapping[str, Any]) -> QuerySet[OutboxEvent]:
    """Return the events that the cleaned values of the filter form ask for."""
    if topic := filters.get("topic"):
        rows = rows.filter(topic=topic)
    if key := filters.get("key"):
        rows = rows.filter(key=key)
    if before := filters.get("before"):
        rows = rows.filter(event_id__lt=before)
    return rows


def get_event_for(user: User, event_id: uuid.UUID) -> OutboxEvent:
    """Return an event of the user's organization."""
    return get_object_or_404(events_for(user), pk=event_id)


def troubles_for(user: User) -> QuerySet[TroubledDelivery]:
    """Return what could not be delivered of the user's organization, the newest first."""
    rows = TroubledDelivery.objects.filter(organization=tenant_of(user))
    return rows.select_related("event", "decided_by").order_by("-pk")


def get_trouble_for(user: User, pk: int) -> TroubledDelivery:
    """Return one delivery in trouble of the user's organization."""
    return get_object_or_404(troubles_for(user), pk=pk)
