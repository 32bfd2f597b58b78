"""One server with one world for all browser tests of a worker, made once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from playwright.sync_api import Browser
from pytest_django import DjangoDbBlocker
from pytest_django.live_server_helper import LiveServer

from tests.browser.site import Site
from tests.browser.world import BrowserWorld


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
        call_command("flush", verbosity=0, interactive=False, inhibit_post_migrate=True)


@pytest.fixture
def site(shared_site: Site) -> Iterator[Site]:
    """Give a test the application; nothing in its windows may complain, nor stay open."""
    yield shared_site
    problems = list(shared_site.problems)
    shared_site.close()
    assert problems == []
