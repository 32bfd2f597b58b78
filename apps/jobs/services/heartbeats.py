"""Signs of life from a worker while one statement takes long: a thread prolongs its lease."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread
from typing import TYPE_CHECKING, TypeVar

import structlog
from django.db import DatabaseError, connection

from apps.jobs.services.leases import LEASE

if TYPE_CHECKING:
    from django.db.models import Model

    from apps.jobs.services.leases import Leases

Row = TypeVar("Row", bound="Model")
_EVERY = LEASE / 3
log = structlog.get_logger(__name__)


@contextmanager
def beating(leases: Leases[Row], row: Row, every: timedelta = _EVERY) -> Iterator[None]:
    """Prolong the claim on a row for as long as the block takes.

    Not for the transaction that holds the row: its lock is the sign of life then. A claim that
    was lost stays lost; the worker finds out at its next step.
    """
    is_over = Event()
    thread = Thread(
        target=_beat, args=(leases, row, every, is_over), name="heartbeat", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def _beat(leases: Leases[Row], row: Row, every: timedelta, is_over: Event) -> None:
    """Beat until the end; what the database refuses once is tried again at the next beat."""
    try:
        while not is_over.wait(every.total_seconds()):
            try:
                leases.prolong(row)
            except DatabaseError:
                log.warning("no heartbeat", table=leases.name, row=row.pk)
                connection.close()
    finally:
        # Each thread has a connection of its own.
        connection.close()
