"""Two events that no consumer can be given, so that the page of such events has life.

One came from a partner who signs with a key that was taken out of use: it is in quarantine.
The other says “many” where a number stands, and was given up after ten attempts.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.utils import timezone

from apps.core.identity import uuid7
from apps.events.domain.backoff import MOST_ATTEMPTS
from apps.events.domain.envelopes import canonical_body
from apps.events.models import TroubledDelivery
from apps.events.services.outbox import NewEvent, emit
from apps.events.services.relay import Relay
from apps.events.words import Topic
from apps.reports.services.figure_names import CONSUMER

if TYPE_CHECKING:
    from apps.organizations.models import Organization

_FORMER_KEY = "2024a"
_WRITE = """
INSERT INTO events_outboxevent (event_id, topic, key, partition, organization_id, body,
  checksum, trace_id, occurred_at, key_id, signature)
VALUES (%s, %s, %s, events_partition_of(%s), %s, %s, %s, '', %s, %s, %s)
"""


def relay_and_leave_troubles(organization: Organization) -> None:
    """Deliver what the demo told, and leave a dead letter and an event in quarantine."""
    with transaction.atomic():
        _foreign(organization, "rate:GBP/CNY")
        body = {"count": "many", "rate_type": "spot", "source": "branch"}
        emit(NewEvent(Topic.RATE_CONFIRMED, "rate:XAU/CNY", organization.pk, body))
    Relay().drain()
    now = timezone.now()
    TroubledDelivery.objects.filter(consumer=CONSUMER, state="retrying").update(
        state="dead",
        attempts=MOST_ATTEMPTS,
        next_try_at=None,
        created_at=now - timedelta(minutes=9),
    )


def _foreign(organization: Organization, key: str) -> None:
    """Write an event as a partner with an old key would."""
    body = canonical_body({"count": 1, "rate_type": "spot", "source": "partner"})
    digest = hashlib.sha256(body.encode()).digest()
    row = (uuid7(), Topic.RATE_CONFIRMED, key, key, organization.pk, body, digest)
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, [*row, timezone.now(), _FORMER_KEY, digest])
