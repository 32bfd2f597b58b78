"""Telling that a run found its results and waits for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.events.services.outbox import NewEvent, emit
from apps.events.words import Topic

if TYPE_CHECKING:
    from apps.reconciliation.models import ReconciliationRun


def tell_of_finish(run: ReconciliationRun) -> None:
    """Write the event of a run whose results were just written, in their transaction."""
    channel = run.channel
    body = {
        "channel": channel.code,
        "channel_id": channel.pk,
        "counters": run.counters,
        "digest": run.digest,
        "from_on": str(run.from_on),
        "number": run.number,
        "run_id": run.pk,
        "to_on": str(run.to_on),
    }
    emit(
        NewEvent(
            Topic.RECONCILIATION_FINISHED,
            f"channel:{channel.pk}",
            channel.organization_id,
            body,
        )
    )
