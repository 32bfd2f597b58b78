"""Replays: what was not had is given, what was had has no effect again."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from apps.audit.models import OperationLog
from apps.events.errors import EventReasonIsMissing, ReplayIsTooLarge, UnknownConsumer
from apps.events.models import InboxEvent, TroubledDelivery
from apps.events.services.replaying import Choice, plan_replay, replay_events
from apps.organizations.permissions import Role
from tests.events.probe import NAME, Probe, forge, relay_all, tell, troubles
from tests.factories import make_organization, make_user

pytestmark = pytest.mark.django_db
ALL = Choice(NAME)


def replay(*words: str) -> str:
    """Run the command and return what it says."""
    said = StringIO()
    call_command("replay_events", NAME, *words, stdout=said)
    return said.getvalue()


def test_what_was_had_has_no_effect_again(probe: Probe) -> None:
    tell("a", 1, 2)
    relay_all()

    assert replay_events(ALL, reason="to be sure", actor=None) == 0

    assert probe.had() == [1, 2]


def test_what_was_passed_and_not_had_is_given_in_its_order(probe: Probe) -> None:
    tell("a", 1, 2, 3)
    tell("b", 4)
    relay_all()
    InboxEvent.objects.all().delete()

    said = replay("--key", "a", "--reason", "lost its inbox")

    assert "3 to give" in said
    assert probe.had("a") == [1, 2, 3, 1, 2, 3]
    logged = OperationLog.objects.get(kind="event.replay").after or {}
    assert (logged["reason"], logged["key"]) == ("lost its inbox", "a")


def test_a_look_gives_nothing_and_leaves_no_trace(probe: Probe) -> None:
    tell("a", 1)
    relay_all()
    InboxEvent.objects.all().delete()

    assert "1 to give" in replay(
        "--dry-run", "--from", "2026-01-01", "--topic", "fx_rate.confirmed"
    )

    assert probe.had() == [1]
    assert not OperationLog.objects.filter(kind="event.replay").exists()


def test_what_was_discarded_is_given_and_what_stands_aside_is_not(probe: Probe) -> None:
    probe.poison = {1, 2}
    tell("a", 1)
    tell("b", 2, 3)
    relay_all()
    TroubledDelivery.objects.filter(key="a").update(state="discarded")
    probe.poison = set()

    assert plan_replay(ALL).aside == 2
    assert replay_events(ALL, reason="mended", actor=None) == 1

    assert probe.had() == [1]
    assert ("a", "delivered") in troubles()


def test_what_fails_again_or_is_flawed_stands_aside(probe: Probe) -> None:
    tell("a", 1, 2)
    (flawed,) = tell("b", 3)
    relay_all()
    InboxEvent.objects.all().delete()
    forge(flawed, "body = '{\"n\":4}'")
    probe.poison = {1}

    assert replay_events(ALL, reason="again", actor=None) == 0

    assert set(troubles()) == {("a", "retrying"), ("a", "waiting"), ("b", "quarantined")}


def test_a_replay_without_reason_consumer_or_measure_is_refused(probe: Probe) -> None:
    tell("a", 1, 2)
    relay_all()
    InboxEvent.objects.all().delete()

    with pytest.raises(EventReasonIsMissing):
        replay_events(ALL, reason=" ", actor=None)
    with pytest.raises(UnknownConsumer):
        plan_replay(Choice("nobody"))
    with pytest.raises(ReplayIsTooLarge):
        replay_events(ALL, reason="x", actor=None, most=1)
    with pytest.raises(CommandError):
        replay("--from", "yesterday")


def test_an_administrator_looks_first_and_then_gives(probe: Probe, client: Client) -> None:
    admin = make_user(make_organization(), Role.ADMIN)
    tell("a", 1, organization_id=admin.organization_id)
    tell("b", 2)
    relay_all()
    InboxEvent.objects.all().delete()
    client.force_login(admin)
    url, choice = reverse("events:event_replay"), {"consumer": NAME, "key": "", "topic": ""}

    assert client.get(url, choice).context["plan"].to_give == 1
    assert client.post(url, choice).status_code == 422
    client.post(url, choice | {"reason": "the inbox was lost"})

    assert probe.had("a") == [1, 1]
    assert probe.had("b") == [2]
    assert OperationLog.objects.get(kind="event.replay").actor_name == admin.username
