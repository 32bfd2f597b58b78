"""Fetching published rates from a configured address, here a small real server."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.conf import LazySettings

from apps.fx.clients import fetch_published
from apps.fx.errors import CannotFetch, RatesTooLarge
from apps.fx.models import ExchangeRate, RateImport
from apps.fx.tasks import fetch_ecb_rates
from tests.fx.files import HISTORY, zipped

LIMIT = 1024 * 1024


class Publisher(BaseHTTPRequestHandler):
    """Answers by the path: the rates, an error, a trickle, or too much."""

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(404 if self.path == "/missing" else 200)
        self.end_headers()
        if self.path == "/hist.zip":
            self.wfile.write(zipped(HISTORY))
        if self.path == "/broken.csv":
            self.wfile.write(HISTORY[:-3].encode())
        if self.path == "/huge":
            self.wfile.write(b"0" * (LIMIT + 1))
        if self.path == "/trickle":
            self._trickle()

    def _trickle(self) -> None:
        try:
            while True:
                self.wfile.write(b"0")
                time.sleep(0.05)
        except OSError:
            return

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Run the server."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Publisher)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.django_db
def test_the_scheduled_task_imports_what_the_address_publishes(
    address: str, settings: LazySettings
) -> None:
    settings.ECB_RATES_URL = f"{address}/hist.zip"

    fetch_ecb_rates()

    assert RateImport.objects.get().filename == "hist.zip"
    assert ExchangeRate.objects.count() == 5


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/missing", "/broken.csv"])
def test_a_bad_answer_changes_nothing(path: str, address: str, settings: LazySettings) -> None:
    settings.ECB_RATES_URL = address + path

    fetch_ecb_rates()

    assert not RateImport.objects.exists()


@pytest.mark.django_db
def test_without_an_address_nothing_is_fetched(settings: LazySettings) -> None:
    settings.ECB_RATES_URL = ""

    fetch_ecb_rates()

    assert not RateImport.objects.exists()


def test_a_server_that_trickles_is_given_up(address: str) -> None:
    with pytest.raises(CannotFetch, match="deadline"):
        fetch_published(f"{address}/trickle", limit=LIMIT, total_seconds=0)


def test_an_answer_that_is_too_large_is_given_up(address: str) -> None:
    with pytest.raises(RatesTooLarge):
        fetch_published(f"{address}/huge", limit=LIMIT)


def test_an_address_that_does_not_answer_is_an_error() -> None:
    with pytest.raises(CannotFetch, match="ConnectError"):
        fetch_published("http://127.0.0.1:1/", limit=LIMIT)
