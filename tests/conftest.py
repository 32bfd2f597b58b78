"""What every test stands on: PostgreSQL, its own Redis keys and folder, a browser if asked."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator, Sequence

import pytest
from django.conf import settings
from django.db import connection, connections
from django.db.backends.postgresql.operations import DatabaseOperations
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import Browser, sync_playwright
from pytest_django import DjangoDbBlocker

from tests.redis_keys import forget_keys

QUIET_CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# The one without windows first: it takes a quarter of the time.
CHROMIUMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
# What migrations filled: rows that every test finds.
KEPT_TABLES = {
    "organizations_currency",
    "django_content_type",
    "auth_permission",
    "fx_ratestamp",
}
# Waffle makes these for the flag that ours takes the place of; Django does not know them, and
# PostgreSQL empties no table without those that point to it.
STRAY_TABLES = {"waffle_flag_groups", "waffle_flag_users"}
# Playwright runs an event loop in this thread, where Django would refuse its ORM.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


# A slow machine breaks no rule.
hypothesis_settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("any machine")


def pytest_configure() -> None:
    """Refuse to run against anything but what ./run test prepared."""
    if not settings.TESTING:
        pytest.exit("run the tests by ./run test, which brings PostgreSQL and Valkey", 2)
    prefix = f"test-{uuid.uuid4().hex[:12]}"
    settings.REDIS_PREFIX = prefix
    settings.CACHES["default"]["KEY_PREFIX"] = prefix
    # Each process has a database of its own, and runs of the same keys as another's.
    settings.RECONCILIATION_SCRATCH = f"{settings.RECONCILIATION_SCRATCH}/{prefix}"
    # Caches ask the database every time, but in the tests that are about them.
    settings.LISTEN_FOR_CHANGES = False
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session", autouse=True)
def _flush_past_the_guards() -> None:
    """Let tests that commit empty the tables afterwards, which the books never allow.

    Triggers rest while the tables are emptied, by a setting that superusers alone may change
    and that ends with the transaction; the currencies of the migrations stay.
    """

    def sql_flush(
        _self: object, _style: object, tables: Sequence[str], **_: object
    ) -> list[str]:
        names = ", ".join(
            f'"{table}"' for table in sorted((set(tables) | STRAY_TABLES) - KEPT_TABLES)
        )
        return [
            "SET LOCAL session_replication_role = replica",
            f"TRUNCATE {names} RESTART IDENTITY",
            "SET LOCAL session_replication_role = origin",
        ]

    DatabaseOperations.sql_flush = sql_flush  # type: ignore[method-assign, assignment]


@pytest.fixture(autouse=True)
def _clean_cache() -> Iterator[None]:
    """Leave no cache key behind."""
    yield
    forget_keys()


@pytest.fixture(autouse=True)
def _own_language() -> None:
    """Begin in the language of the settings, whatever page a test before has asked for."""
    translation.deactivate()


@pytest.fixture(scope="session", autouse=True)
def _last_sessions_end(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """End what a browser's last requests left open, which would hold the database."""
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start the installed Chromium; skip where there is none, but never in CI."""
    path = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if path is None:
        _without_browser("no Chromium is installed (Debian/Ubuntu: apt-get install chromium)")
    # Playwright's loop is another context, in which Django opens a connection of its own and
    # forgets the one that tests before have used: it would stay until the end.
    connections.close_all()
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=QUIET_CHROMIUM)
        yield chromium
        chromium.close()


def _without_browser(reason: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
