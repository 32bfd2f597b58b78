"""The one listener of a process: what it hears, also when something breaks."""

from __future__ import annotations

import os
import threading
import time
import warnings
from collections.abc import Callable, Iterator

import psycopg
import pytest
from django.conf import LazySettings

from apps.core import notifications

pytestmark = pytest.mark.django_db
CHANNEL = "test_channel"
# A sequence of Django's that nothing else moves here stands in for a version.
VERSION = "SELECT last_value, is_called FROM auth_group_id_seq"
PATIENCE_SECONDS = 20


class Heard:
    """Counts what a subscription is told."""

    def __init__(self) -> None:
        """Begin with nothing heard."""
        self.count = 0
        self._told = threading.Condition()

    def __call__(self) -> None:
        """Hear once more."""
        with self._told:
            self.count += 1
            self._told.notify_all()

    def wait_for(self, count: int) -> bool:
        """Tell whether that much was heard, after some patience."""
        with self._told:
            return self._told.wait_for(lambda: self.count >= count, PATIENCE_SECONDS)


@pytest.fixture
def outside() -> Iterator[psycopg.Connection]:
    """Return a connection like that of another process."""
    with psycopg.connect(**notifications._parameters()) as connection:
        yield connection


@pytest.fixture
def heard(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Heard]:
    """Listen to one channel only."""
    settings.LISTEN_FOR_CHANGES = True
    monkeypatch.setattr(notifications, "_subscriptions", {})
    heard = Heard()
    notifications.subscribe(CHANNEL, heard, version_sql=VERSION)
    notifications.listen()
    assert heard.wait_for(1)
    yield heard
    notifications.stop_listening()


def wait_until(condition: Callable[[], bool]) -> bool:
    """Wait for something that another thread does."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not condition() and time.monotonic() < until:
        time.sleep(0.01)
    return condition()


def test_it_tells_of_a_change_that_another_process_committed(
    heard: Heard, outside: psycopg.Connection
) -> None:
    outside.execute(f"NOTIFY {CHANNEL}")

    assert heard.wait_for(2)
    assert wait_until(notifications.is_hearing)


def test_it_tells_after_a_lost_connection_what_may_have_been_missed(
    heard: Heard, outside: psycopg.Connection
) -> None:
    outside.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name = 'finance-mis notifications' AND pid <> pg_backend_pid()"
    )

    assert heard.wait_for(2)
    outside.execute(f"NOTIFY {CHANNEL}")
    assert heard.wait_for(3)


def test_a_lost_notification_is_found_by_its_version(
    heard: Heard, outside: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifications, "POLL_SECONDS", 0)
    monkeypatch.setattr(notifications, "_SLICE_SECONDS", 0.01)
    outside.execute("SELECT nextval('auth_group_id_seq')")

    assert heard.wait_for(2)


def test_a_late_subscription_is_heard_too(heard: Heard, outside: psycopg.Connection) -> None:
    other = Heard()
    notifications.subscribe("other_channel", other, version_sql=VERSION)

    assert other.wait_for(1)
    outside.execute("NOTIFY other_channel")
    assert other.wait_for(2)


def test_a_forked_child_forgets_and_begins_anew(heard: Heard) -> None:
    with warnings.catch_warnings():
        # Newer Pythons warn of forks beside threads, which is what this is about.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        has_begun_anew = heard.count > 1 and not notifications.is_hearing()
        os._exit(0 if has_begun_anew else 1)

    assert os.waitpid(child, 0)[1] == 0
    assert wait_until(notifications.is_hearing)


def test_nobody_waits_for_a_database_that_cannot_be_reached(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.LISTEN_FOR_CHANGES = True
    tried = threading.Event()

    def unreachable() -> dict[str, object]:
        tried.set()
        return {"conninfo": "host=/nowhere dbname=none"}

    monkeypatch.setattr(notifications, "_parameters", unreachable)
    notifications.listen()

    assert tried.wait(PATIENCE_SECONDS)
    assert not notifications.is_hearing()
    notifications.stop_listening()


def test_it_does_not_listen_where_it_is_switched_off() -> None:
    notifications.listen()

    assert not notifications.is_hearing()
