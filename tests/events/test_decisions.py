"""What people decide about dead letters and quarantine: again, or let go, with a reason."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from apps.audit.models import OperationLog
from apps.core.errors import Forbidden, StaleVersion
from apps.events.errors import EventReasonIsMissing, NothingToDecide
from apps.events.models import TroubledDelivery
from apps.events.services.decisions import decide_many, discard_delivery, retry_delivery
from apps.events.services.pages import deliveries_of, label_of, pretty_body
from apps.organizations.models import User
from apps.organizations.permissions import Role
from tests.events.probe import Probe, relay_all, tell, troubles
from tests.factories import make_organization, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> User:
    """Return somebody who may decide."""
    return make_user(make_organization(), Role.ADMIN)


def dead(probe: Probe, admin: User) -> TroubledDelivery:
    """Return a dead letter, behind which one more event waits."""
    probe.poison = {1}
    tell("a", 1, 2, organization_id=admin.organization_id)
    relay_all()
    TroubledDelivery.objects.filter(state="retrying").update(state="dead", next_try_at=None)
    relay_all()
    assert troubles() == [("a", "dead"), ("a", "waiting")]
    return TroubledDelivery.objects.get(state="dead")


def test_a_dead_letter_is_given_again_and_those_behind_it_follow(
    probe: Probe, admin: User
) -> None:
    letter = dead(probe, admin)
    probe.poison = set()

    retry_delivery(letter, version=letter.version, reason="mended", actor=admin)
    relay_all()

    assert probe.had("a") == [1, 2]
    assert OperationLog.objects.get(kind="event.retry").actor_name == admin.username


def test_a_discarded_event_lets_those_behind_it_go_on(probe: Probe, admin: User) -> None:
    letter = dead(probe, admin)

    discard_delivery(letter, version=letter.version, reason="a test event", actor=admin)
    relay_all()

    assert probe.had("a") == [2]
    letter.refresh_from_db()
    assert (letter.state, letter.decided_by, letter.reason) == (
        "discarded", admin, "a test event",
    )  # fmt: skip


def test_a_decision_without_right_reason_or_sight_is_refused(probe: Probe, admin: User) -> None:
    letter = dead(probe, admin)
    auditor = make_user(admin.organization, Role.AUDITOR)  # type: ignore[arg-type]

    with pytest.raises(Forbidden):
        discard_delivery(letter, version=letter.version, reason="x", actor=auditor)
    with pytest.raises(EventReasonIsMissing):
        discard_delivery(letter, version=letter.version, reason=" ", actor=admin)
    with pytest.raises(StaleVersion):
        discard_delivery(letter, version=letter.version + 1, reason="x", actor=admin)
    waiting = TroubledDelivery.objects.get(state="waiting")
    with pytest.raises(NothingToDecide):
        retry_delivery(waiting, version=waiting.version, reason="x", actor=admin)


def test_the_pages_show_an_event_with_its_body_and_what_became_of_it(
    probe: Probe, admin: User, client: Client
) -> None:
    letter = dead(probe, admin)
    client.force_login(admin)

    listed = client.get(reverse("events:event_list"), {"key": "a"}).content.decode()
    page = client.get(letter.event.get_absolute_url()).content.decode()
    assert listed.count("<code>a</code>") == 2
    assert "&quot;n&quot;: 1" in page
    assert "no place for 1" in page

    url = reverse("events:trouble_discard", args=(letter.pk,))
    client.post(url, {"version": letter.version, "reason": "a test event"})
    shown = client.get(reverse("events:trouble_list")).content.decode()
    assert "a test event" in shown


def test_an_event_is_shown_with_who_had_it(probe: Probe) -> None:
    probe.poison = {2}
    good, _bad, behind = tell("a", 1, 2, 3)
    relay_all()
    good.refresh_from_db()

    assert pretty_body(good) == '{\n  "n": 1\n}'
    assert [shown.state for shown in deliveries_of(good)] == ["done"]
    assert [shown.state for shown in deliveries_of(behind)] == ["waiting"]


def test_the_list_goes_on_by_key(probe: Probe, admin: User, client: Client) -> None:
    events = tell("a", *range(51), organization_id=admin.organization_id)
    client.force_login(admin)

    first = client.get(reverse("events:event_list"))
    second = client.get(reverse("events:event_list"), {"before": first.context["older"]})

    assert [event.pk for event in second.context["events"]] == [min(e.pk for e in events)]
    assert client.get(reverse("events:event_list"), {"before": "x"}).status_code == 422


def test_chosen_deliveries_are_decided_on_at_once_each_for_itself(
    probe: Probe, admin: User, client: Client
) -> None:
    probe.poison = {1, 2}
    for number, key in enumerate("ab", start=1):
        tell(key, number, organization_id=admin.organization_id)
    relay_all()
    TroubledDelivery.objects.update(state="dead", next_try_at=None)
    first, second = TroubledDelivery.objects.order_by("key")
    client.force_login(admin)
    url, rows = reverse("events:trouble_decide"), [f"{first.pk}:{first.version}", "0:1", "x"]

    client.post(url, {"row": rows, "act": "retry"})
    assert OperationLog.objects.filter(kind="event.retry").count() == 0
    stale = f"{second.pk}:{second.version + 1}"
    client.post(url, {"row": [*rows, stale], "act": "retry", "reason": "mended"})

    assert set(troubles()) == {("a", "retrying"), ("b", "dead")}


def test_many_are_decided_on_by_who_may_and_says_why(probe: Probe, admin: User) -> None:
    letter = dead(probe, admin)

    with pytest.raises(EventReasonIsMissing):
        decide_many([(letter, letter.version)], discard=True, reason="", actor=admin)

    assert decide_many([(letter, letter.version)], discard=True, reason="x", actor=admin).done


def test_a_consumer_that_is_gone_keeps_its_name(probe: Probe) -> None:
    assert (label_of("probe"), label_of("nobody")) == ("Probe", "nobody")
