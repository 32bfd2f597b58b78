"""One server with one world for all browser tests of a worker, made once."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import connection, connections
from playwright.sync_api import Browser
from pytest_django import DjangoDbBlocker
from pytest_django.live_server_helper import LiveServer

from apps.core import notifications
from tests.browser.site import Site
from tests.browser.world import BrowserWorld

PATIENCE_SECONDS = 20


@pytest.fixture
def _django_db_helper() -> None:
    """Run in no transaction: the server's threads see only what is committed."""


@pytest.fixture(scope="package")
def shared_site(
    browser: Browser, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[Site]:
    """Start the application over a world that is committed once, and emptied at the end."""
    with django_db_blocker.unblock():
        world = BrowserWorld()
        server = LiveServer("127.0.0.1")
        yield Site(browser, server, world)
        server.stop()
        # Whoever read a policy or a rate in this process began to listen for changes.
        notifications.stop_listening()
        _wait_for_the_last_answer()
        call_command("flush", verbosity=0, interactive=False, inhibit_post_migrate=True)
        # In this context; who drops the database is in another one.
        connections.close_all()


def _wait_for_the_last_answer() -> None:
    """Wait for requests whose window is gone: the database cannot be dropped under them."""
    patience = time.monotonic() + PATIENCE_SECONDS
    with connection.cursor() as cursor:
        while time.monotonic() < patience:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            if cursor.fetchone() == (0,):
                return
            time.sleep(0.1)
    pytest.fail("The server still talks to the database after it was stopped.")


@pytest.fixture
def site(shared_site: Site) -> Iterator[Site]:
    """Give a test the application; nothing in its windows may complain, nor stay open."""
    yield shared_site
    problems = list(shared_site.problems)
    shared_site.close()
    assert problems == []
