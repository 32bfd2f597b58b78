"""Delivering: partitions together, each with its own place, share and troubles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import pytest
from django.db import connection

from apps.events.models import ConsumerCursor, InboxEvent, OutboxEvent, TroubledDelivery
from apps.events.services import delivering, sequencing
from apps.events.services.consumers import CONSUMERS, Event
from apps.events.services.relay import Relay
from tests.events.probe import NAME, Probe, probing, relay_all, sequence_all, tell, troubles

pytestmark = pytest.mark.django_db


class Died(BaseException):
    """What no consumer raises: its process is gone."""


def test_new_events_of_all_partitions_come_together(probe: Probe) -> None:
    for n in range(40):
        tell(f"key {n}", n)

    Relay().drain()

    assert len(partitions()) > 2
    assert probe.batches == [40]


def test_each_partition_has_its_share_of_a_batch(
    probe: Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(40):
        tell(f"key {n % 10}", n)
    monkeypatch.setattr(sequencing, "BATCH", 16)
    monkeypatch.setattr(delivering, "BATCH", 8)

    relay_all()

    assert max(probe.batches) <= 8
    assert all(probe.had(f"key {k}") == [k, k + 10, k + 20, k + 30] for k in range(10))
    assert {row.position for row in cursors().values()} == {*partitions().values(), 0}


def test_a_poisoned_event_is_a_trouble_of_its_own_partition(probe: Probe) -> None:
    probe.poison = {3}
    events = [tell(f"key {n}", n)[0] for n in range(8)]

    relay_all()

    assert troubles() == [("key 3", "retrying")]
    assert TroubledDelivery.objects.get().partition == events[3].partition
    assert sorted(probe.had()) == [0, 1, 2, 4, 5, 6, 7]
    delivered = {n: row.delivered for n, row in cursors().items() if row.delivered}
    assert delivered == Counter(partitions()) - Counter([events[3].partition])


@pytest.mark.parametrize("prepare", [sequence_all, Relay().prepare])
def test_a_partition_over_which_processes_died_is_given_alone(
    probe: Probe, prepare: Callable[[], None]
) -> None:
    tell("a", 1, 2)
    tell("b", 3, 4, 5)
    prepare()
    ConsumerCursor.objects.filter(partition=partition_of("a")).update(tries=5)

    Relay().go_round()

    assert (sorted(probe.batches), probe.had("a")) == ([1, 3], [1])
    relay_all()
    assert probe.had("a") == [1, 2]


def test_a_death_is_counted_where_events_were_given_alone(probe: Probe) -> None:
    tell("a", 1)
    tell("b", 2)
    sequence_all()
    ConsumerCursor.objects.update(tries=5)
    CONSUMERS[NAME] = replace(CONSUMERS[NAME], handle=die)

    with pytest.raises(Died):
        Relay().go_round()

    behind = ConsumerCursor.objects.filter(partition__in=partitions())
    assert sorted(behind.values_list("tries", flat=True)) == [5, 6]


def test_a_death_over_several_partitions_is_counted_in_each(probe: Probe) -> None:
    tell("a", 1)
    tell("b", 2)
    CONSUMERS[NAME] = replace(CONSUMERS[NAME], handle=die)

    with pytest.raises(Died):
        relay_all()

    behind = ConsumerCursor.objects.filter(partition__in=partitions())
    assert [*behind.values_list("tries", flat=True)] == [1, 1]
    assert not InboxEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("table", ["events_eventpartition", "events_consumercursor"])
def test_a_partition_that_another_relay_holds_is_passed_by(table: str) -> None:
    with probing() as probe:
        tell("a", 1)
        tell("b", 2)
        Relay().prepare()
        with held(table, partition_of("a")):
            Relay().go_round()
            assert probe.had() == [2]
        relay_all()
        assert probe.had() == [2, 1]
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE probe")


def die(_events: Sequence[Event]) -> None:
    """End as a process does that is killed."""
    raise Died


@contextmanager
def held(table: str, partition: int) -> Iterator[None]:
    """Hold the rows of a partition as another process does."""
    column = "number" if table.endswith("partition") else "partition"
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute(f"SELECT 1 FROM {table} WHERE {column} = %s FOR UPDATE", [partition])
        yield
    finally:
        other.rollback()
        other.close()


def partition_of(key: str) -> int:
    """Return the partition of a key that has events."""
    return OutboxEvent.objects.filter(key=key)[0].partition


def partitions() -> Counter[int]:
    """Return how many events each partition has that has any."""
    return Counter(OutboxEvent.objects.values_list("partition", flat=True))


def cursors() -> dict[int, ConsumerCursor]:
    """Return the cursor of the probe in each partition."""
    return {row.partition: row for row in ConsumerCursor.objects.filter(consumer=NAME)}
