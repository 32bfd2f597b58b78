"""Events in the admin, read-only."""

from __future__ import annotations

from apps.core.admin import register_read_only
from apps.events.models import (
    ConsumerCursor,
    EventPartition,
    EventPurge,
    OutboxEvent,
    TroubledDelivery,
)

register_read_only(OutboxEvent, EventPartition, ConsumerCursor, TroubledDelivery, EventPurge)
