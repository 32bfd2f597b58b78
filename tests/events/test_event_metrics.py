"""What Prometheus is told of events; counted with the commit, so that nothing is missed."""

from __future__ import annotations

import pytest

from apps.events.models import TroubledDelivery
from apps.events.services.decisions import retry_delivery
from apps.events.services.metrics import event_metrics
from apps.events.services.purging import purge_events
from apps.events.services.tally import BOUNDS_MS, Tally
from apps.organizations.permissions import Role
from tests.events.probe import Probe, due_now, forge, relay_all, tell
from tests.events.test_purging import grow_old
from tests.factories import make_organization, make_user

pytestmark = pytest.mark.django_db


def figures() -> dict[str, float]:
    """Return the sum of each series over its labels."""
    found: dict[str, float] = {}
    for metric in event_metrics():
        for sample in metric.samples:
            found[sample.name] = found.get(sample.name, 0) + sample.value
    return found


def test_what_waits_and_what_was_delivered_is_told(probe: Probe) -> None:
    tell("a", 1, 2)
    relay_all()
    tell("b", 3)

    told = figures()

    assert told["fmis_event_deliveries_total"] == 2
    assert told["fmis_event_delay_seconds_count"] == 2
    assert told["fmis_events_unrelayed"] == 1
    assert told["fmis_events_unrelayed_oldest_seconds"] > 0
    assert told["fmis_events_undelivered"] == 0


def test_retries_and_dead_letters_are_counted(probe: Probe) -> None:
    probe.poison = {1}
    tell("a", 1)
    relay_all()
    TroubledDelivery.objects.update(attempts=9)
    due_now()
    relay_all()
    dead = TroubledDelivery.objects.get()
    probe.poison = set()
    admin = make_user(make_organization(), Role.ADMIN)
    retry_delivery(dead, version=dead.version, reason="mended", actor=admin)
    relay_all()

    told = figures()

    assert told["fmis_event_retries_total"] == 2
    assert told["fmis_event_dead_total"] == 1
    assert told["fmis_event_deliveries_total"] == 1


def test_what_stands_aside_is_told_by_state(probe: Probe) -> None:
    (event,) = tell("a", 1)
    forge(event, "body = '{\"n\":2}'")
    relay_all()

    told = figures()

    assert told["fmis_event_quarantined_total"] == 1
    assert told["fmis_event_troubles"] == 1


def test_what_was_let_go_is_told(probe: Probe) -> None:
    tell("a", 1)
    relay_all()
    grow_old()
    purge_events()

    assert figures()["fmis_events_purged_total"] == 1


def test_a_delay_falls_into_the_bucket_of_its_bound() -> None:
    tally = Tally()

    assert len(tally.delays) == len(BOUNDS_MS) + 1
    assert tally.facts()["delivered"] == 0
