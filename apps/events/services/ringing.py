"""Ringing for the relay when something was written; nothing is lost when nobody hears.

    commit → once in half a second for a process → once in a second for all → one task

The relay stays for `LINGER` after the last event that it saw, so that whoever did not ring
because somebody just had is heard nevertheless. Beat calls it too, for what Redis forgot.
"""

from __future__ import annotations

import time
from datetime import timedelta

import structlog
from celery import current_app
from django.conf import settings
from django.core.cache import cache
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

TASK = "events.relay"
# Longer than a process and Redis together keep rings back, or an event would wait for beat.
LINGER = timedelta(seconds=1.5)
_PROCESS_SECONDS, _EVERYBODY_SECONDS, _EXPIRES_SECONDS = 0.5, 1, 30
_FLAG = "events:rung"

log = structlog.get_logger(__name__)


class _Bell:
    """When this process rang last, by its monotonic clock."""

    rung_at = -_PROCESS_SECONDS


def ring() -> None:
    """Call the relay, unless it was just called."""
    now = time.monotonic()
    if not settings.EVENT_RINGS or now - _Bell.rung_at < _PROCESS_SECONDS:
        return
    _Bell.rung_at = now
    try:
        if cache.add(_FLAG, 1, timeout=_EVERYBODY_SECONDS):
            ring_everywhere()
    except (RedisError, OperationalError) as error:
        log.warning("nobody rang for the relay", error=str(error))


def ring_everywhere() -> None:
    """Call the relays of all partitions."""
    for share in range(settings.EVENT_RELAYS):
        ring_again(share)


def ring_again(share: int) -> None:
    """Call the relay of one share of the partitions."""
    current_app.send_task(TASK, args=[share], queue="events", expires=_EXPIRES_SECONDS)
