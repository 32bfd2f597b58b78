"""The one ear of a process for PostgreSQL's NOTIFY.

    trigger --NOTIFY, with the commit--> listener thread --> every subscription's `on_change`

A cache subscribes to a channel and forgets what it holds whenever `on_change` is called:

- when a notification arrives (milliseconds after the commit);
- after every (re)connect, since whatever came in between was missed: LISTEN first, then forget;
- when the version of the channel, asked every five seconds, is not the one seen before: the
  net under a notification that was lost;
- in the child after a fork, which inherits a cache but no thread.

There is one thread and one connection for each process, begun by the first `listen()`. No
caller waits for it. While it cannot reach the database, `is_hearing()` turns false after at
most ten seconds, and caches ask the database instead. `on_change` runs in the listener's
thread: it only drops references, and uses no database.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, LiteralString

import psycopg
import structlog
from django.conf import settings
from django.db import connections
from psycopg import sql

POLL_SECONDS = 5
DEAF_AFTER_SECONDS = 2 * POLL_SECONDS
NANOSECONDS = 1_000_000_000
_SLICE_SECONDS = 1
_LONGEST_PAUSE_SECONDS = 5

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Subscription:
    """Who wants to hear of a channel; `version_sql` selects one value that changes move."""

    channel: str
    on_change: Callable[[], None]
    version_sql: LiteralString


@dataclass(slots=True)
class Hearing:
    """Until when, in `time.monotonic_ns()`, what was heard can be relied upon.

    One object for each process, so that a cache reads one attribute for each answer.
    """

    until_ns: int = 0


class _Ear(threading.Thread):
    """The thread that listens; it lives until the process ends or `stop_listening()`."""

    def __init__(self) -> None:
        super().__init__(name="notifications", daemon=True)
        self.stopped = threading.Event()

    def run(self) -> None:
        """Listen; connect again after a pause that grows whenever the connection is lost."""
        pause = 0
        while not self.stopped.wait(pause):
            try:
                self._listen()
                pause = 0
            except psycopg.Error as error:
                pause = min(pause + 1, _LONGEST_PAUSE_SECONDS)
                log.warning("notifications.lost", error=str(error), again_in=pause)

    def _listen(self) -> None:
        """Hold one connection until it breaks, or somebody subscribes to another channel."""
        heard = tuple(_subscriptions.values())
        with psycopg.connect(**_parameters()) as connection:
            for subscription in heard:
                name = sql.Identifier(subscription.channel)
                connection.execute(sql.SQL("LISTEN {}").format(name))
            versions: dict[str, Any] = {}
            while self._goes_on(heard):
                self._poll(connection, heard, versions)
                until = time.monotonic() + POLL_SECONDS
                while time.monotonic() < until and self._goes_on(heard):
                    for notification in connection.notifies(timeout=_SLICE_SECONDS):
                        _tell(notification.channel)

    def _poll(
        self,
        connection: psycopg.Connection[Any],
        heard: tuple[Subscription, ...],
        versions: dict[str, Any],
    ) -> None:
        """Compare the versions; a first look after connecting always tells of a change."""
        asked_at = time.monotonic_ns()
        for subscription in heard:
            row = connection.execute(subscription.version_sql).fetchone()
            if subscription.channel not in versions or versions[subscription.channel] != row:
                versions[subscription.channel] = row
                _tell(subscription.channel)
        if not self.stopped.is_set():
            hearing.until_ns = asked_at + DEAF_AFTER_SECONDS * NANOSECONDS

    def _goes_on(self, heard: tuple[Subscription, ...]) -> bool:
        return not self.stopped.is_set() and heard == tuple(_subscriptions.values())


hearing = Hearing()
_subscriptions: dict[str, Subscription] = {}
_begin = threading.Lock()
_ear: _Ear | None = None


def subscribe(
    channel: str, on_change: Callable[[], None], *, version_sql: LiteralString
) -> None:
    """Have `on_change` called after every change that the channel tells of."""
    _subscriptions[channel] = Subscription(channel, on_change, version_sql)


def listen() -> None:
    """Begin to listen, unless this process does already; never waits for the database."""
    global _ear  # noqa: PLW0603  (one for each process)
    if _ear is not None or not settings.LISTEN_FOR_CHANGES:
        return
    with _begin:
        if _ear is None:
            _ear = _Ear()
            _ear.start()


def hears_until_ns() -> int:
    """Return until when, in `time.monotonic_ns()`, what was heard can be relied upon."""
    return hearing.until_ns


def is_hearing() -> bool:
    """Tell whether a change would be heard of now."""
    return time.monotonic_ns() < hearing.until_ns


def stop_listening() -> None:
    """End the thread and its connection, and wait for it."""
    global _ear
    ear, _ear = _ear, None
    if ear is not None:
        ear.stopped.set()
        ear.join()
        hearing.until_ns = 0


def _parameters() -> dict[str, Any]:
    """Return how Django connects, with a name that people see in pg_stat_activity."""
    names = {"application_name": "finance-mis notifications", "autocommit": True}
    return connections["default"].get_connection_params() | names


def _tell(channel: str) -> None:
    subscription = _subscriptions.get(channel)
    if subscription is not None:
        subscription.on_change()


def _forget_the_parent() -> None:
    """Begin anew in a forked child: the thread stayed behind, and so did its changes."""
    global _begin, _ear
    _begin, _ear = threading.Lock(), None
    hearing.until_ns = 0
    for channel in _subscriptions:
        _tell(channel)


os.register_at_fork(after_in_child=_forget_the_parent)
