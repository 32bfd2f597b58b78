"""What people do about events that could not be delivered: try again, or let them go."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from apps.audit.services import record_event
from apps.core.errors import FinanceError, StaleVersion
from apps.core.text import clean_text
from apps.events.errors import EventReasonIsMissing, NothingToDecide
from apps.events.models import TroubledDelivery
from apps.events.services.ringing import ring
from apps.organizations.access import require
from apps.organizations.models import User
from apps.organizations.permissions import Permission

State = TroubledDelivery.State
# What waits for a person: the relay does nothing about these by itself.
WAITS_FOR_PEOPLE = (State.DEAD, State.QUARANTINED)


def retry_delivery(
    trouble: TroubledDelivery, *, version: int, reason: str, actor: User
) -> TroubledDelivery:
    """Have a dead letter or an event in quarantine given again, as if for the first time.

    Raises:
        Forbidden, EventReasonIsMissing: the actor may not, or says no reason.
        NothingToDecide, StaleVersion: it waits for nobody, or somebody was faster.
    """
    changes: dict[str, object] = {
        "state": State.RETRYING,
        "attempts": 0,
        "flaw": "",
        "next_try_at": timezone.now(),
    }
    return _decide("event.retry", trouble, changes, version=version, reason=reason, actor=actor)


def discard_delivery(
    trouble: TroubledDelivery, *, version: int, reason: str, actor: User
) -> TroubledDelivery:
    """Let an event go undelivered; those that waited behind it go on.

    Raises:
        Forbidden, EventReasonIsMissing, NothingToDecide, StaleVersion: as above.
    """
    changes: dict[str, object] = {"state": State.DISCARDED, "next_try_at": None}
    return _decide(
        "event.discard", trouble, changes, version=version, reason=reason, actor=actor
    )


@dataclass(slots=True)
class Decided:
    """How many deliveries were decided on, and what was said of the others."""

    done: int = 0
    refusals: list[str] = field(default_factory=list)


def decide_many(
    chosen: Iterable[tuple[TroubledDelivery, int]], *, discard: bool, reason: str, actor: User
) -> Decided:
    """Decide on deliveries at the versions that were seen, each for itself.

    Raises:
        Forbidden, EventReasonIsMissing: the actor may not, or says no reason.
    """
    require(actor, Permission.EVENT_MANAGE)
    if not clean_text(reason, field="reason"):
        raise EventReasonIsMissing(field="reason")
    service, result = (discard_delivery if discard else retry_delivery), Decided()
    for trouble, version in chosen:
        try:
            service(trouble, version=version, reason=reason, actor=actor)
            result.done += 1
        except FinanceError as error:
            result.refusals.append(f"{trouble.key}: {error}")
    return result


def _decide(
    kind: str,
    trouble: TroubledDelivery,
    changes: dict[str, object],
    *,
    version: int,
    reason: str,
    actor: User,
) -> TroubledDelivery:
    require(actor, Permission.EVENT_MANAGE)
    reason = clean_text(reason, field="reason")[:500]
    if not reason:
        raise EventReasonIsMissing(field="reason")
    if trouble.state not in WAITS_FOR_PEOPLE:
        raise NothingToDecide(state=trouble.get_state_display())
    rows = TroubledDelivery.objects.filter(
        pk=trouble.pk, version=version, state__in=WAITS_FOR_PEOPLE
    )
    before = {"state": trouble.state, "attempts": trouble.attempts}
    with transaction.atomic():
        decided = rows.update(
            decided_by=actor,
            reason=reason,
            updated_at=timezone.now(),
            version=F("version") + 1,
            **changes,
        )
        if not decided:
            raise StaleVersion(what=TroubledDelivery._meta.verbose_name)
        after = {"state": str(changes["state"]), "reason": reason}
        resource = ("events_troubleddelivery", trouble.pk)
        record_event(kind, actor=actor, resource=resource, before=before, after=after)
        transaction.on_commit(ring)
    trouble.refresh_from_db()
    return trouble
