"""A real bureau in a process of its own, and a clock that tests move."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
from django.conf import LazySettings
from redis import Redis

from apps.credit.clients.breakers import Breakers, LocalStore, RedisStore
from apps.credit.domain.breaker import Rules
from scripts.places import ROOT
from tests.credit.bureaus import FakeClock, RunningBureau


@pytest.fixture(scope="session")
def _bureau_process() -> Iterator[RunningBureau]:
    """Start the bureau on a port that the system chooses."""
    command = [sys.executable, "-m", "scripts.bureau", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        told = process.stdout.readline() if process.stdout else ""
        yield RunningBureau(told.rsplit(" ", 1)[-1].strip().rstrip("/"))
        process.terminate()


@pytest.fixture
def bureau(_bureau_process: RunningBureau, settings: LazySettings) -> RunningBureau:
    """Return the bureau, well-behaved, as the one that checks ask."""
    _bureau_process.behave(mode="ok", delay_ms=0, fail_every=2, fail_percent=0)
    settings.CREDIT_BUREAU_URL = _bureau_process.url
    return _bureau_process


@pytest.fixture
def clock(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    """Let the breakers of this process go by a clock that only the test moves."""
    made = FakeClock()
    redis = Redis.from_url(settings.REDIS_URL)
    store = RedisStore(redis, settings.REDIS_PREFIX, clock=made)
    kept = Breakers(store, LocalStore(clock=made), Rules())
    monkeypatch.setattr("apps.credit.services.checks.breakers", lambda: kept)
    monkeypatch.setattr("apps.credit.services.breaker.breakers", lambda: kept)
    return made


@pytest.fixture
def no_redis(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    """Let nobody answer where Redis should be."""
    made = FakeClock()
    nowhere = Redis.from_url("redis://127.0.0.1:1/0", socket_connect_timeout=0.2)
    kept = Breakers(RedisStore(nowhere, settings.REDIS_PREFIX), LocalStore(clock=made), Rules())
    monkeypatch.setattr("apps.credit.services.checks.breakers", lambda: kept)
    monkeypatch.setattr("apps.credit.services.breaker.breakers", lambda: kept)
    return made
