"""A dead letter, for tests that only need one to be there."""

from __future__ import annotations

from django.utils import timezone

from apps.events.models import TroubledDelivery
from apps.organizations.models import Organization
from tests.events.probe import tell


def make_letter(home: Organization) -> dict[str, object]:
    """Return the keys of an event and of a delivery of it that waits for a person."""
    (event,) = tell("rate:EUR/CNY", 1, organization_id=home.pk)
    letter = TroubledDelivery.objects.create(
        consumer="nobody",
        event=event,
        organization=home,
        partition=event.partition,
        key=event.key,
        position=1,
        state="dead",
        attempts=10,
        error="ValueError: 1",
        created_at=timezone.now(),
        updated_at=timezone.now(),
    )
    return {"event_id": event.pk, "trouble": letter.pk}
