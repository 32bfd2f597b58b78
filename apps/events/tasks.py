"""Background work; every task is safe to run twice."""

from __future__ import annotations

from celery import shared_task

from apps.core.trace import trace
from apps.events.services.purging import purge_events
from apps.events.services.relay import relay as run
from apps.events.services.ringing import TASK, ring_everywhere


@shared_task(name=TASK)
def relay(share: int) -> None:
    """Relay the events of some partitions until nothing comes any more."""
    with trace():
        run(share)


@shared_task(name="events.call_relay")
def call_relay() -> None:
    """Call all relays, whatever was rung before; run by beat every few seconds."""
    ring_everywhere()


@shared_task(name="events.purge")
def purge() -> None:
    """Let go what is older than the days that events are kept; run by beat at night."""
    with trace():
        purge_events()
