"""Relays that are killed under load lose nothing, double nothing and keep the order."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from django.db import connection

from apps.events.services.consumers import CONSUMERS
from apps.events.services.relay import Relay
from benchmarks import _event_load as load


@pytest.fixture
def keys(transactional_db: None) -> Iterator[list[str]]:
    """Return keys of events whose effects are written down, for the only consumer."""
    others = dict(CONSUMERS)
    yield load.prepare(20)
    CONSUMERS.clear()
    CONSUMERS.update(others)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE bench_effect, bench_key")


def test_every_event_has_its_effect_once_and_in_order_whoever_is_killed(
    keys: list[str],
) -> None:
    writer = load.start(load.write_for, 2, keys)
    relays = [load.start(load.relay_for_ever) for _ in range(2)]
    for number in range(4):
        time.sleep(0.3)
        load.kill(relays[number % 2])
        relays[number % 2] = load.start(load.relay_for_ever)
    writer.join()
    for relay in relays:
        load.kill(relay)

    Relay().drain()

    found = load.faults()
    assert found.pop("told") > 50
    assert not any(found.values()), found
