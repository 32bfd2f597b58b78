"""Pages of alerts: what they show, and what can be done on them."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.organizations.permissions import Role
from apps.reconciliation.models import Alert, AlertThresholds, AlertWebhook
from apps.statements.models import Channel
from tests.factories import make_accountant, make_senior, make_user
from tests.reconciliation.world import make_books

pytestmark = pytest.mark.django_db
LIST = reverse("reconciliation:alert_list")


@pytest.fixture
def alert() -> Alert:
    """Return an alert that is open."""
    channel = make_books()
    return Alert.objects.create(
        organization=channel.organization, channel=channel, kind="events", value=600,
        worst=7_200, threshold=300, opened_at=timezone.now(),
    )  # fmt: skip


def page_of(client: Client, channel: Channel, address: str) -> str:
    client.force_login(make_accountant(channel.ledger))
    return client.get(address).content.decode()


def test_values_are_told_with_their_units(client: Client, alert: Alert) -> None:
    page = page_of(client, alert.channel, LIST)

    assert "10 minutes" in page
    assert "2 hours" in page


def test_filters_narrow_the_list(client: Client, alert: Alert) -> None:
    shown = page_of(client, alert.channel, f"{LIST}?kind=events&channel={alert.channel.code}")

    assert "10 minutes" in shown
    assert "10 minutes" not in page_of(client, alert.channel, f"{LIST}?state=closed")


def test_an_alert_is_acknowledged_from_the_list_and_leaves_home(
    client: Client, alert: Alert
) -> None:
    home = reverse("portal:home")
    assert alert.channel.label in page_of(client, alert.channel, home)

    address = reverse("reconciliation:alert_acknowledge", args=(alert.pk,))
    client.post(address, {"version": "1", "note": "asked the bank"})

    alert.refresh_from_db()
    assert (alert.state, alert.note) == ("acknowledged", "asked the bank")
    assert alert.get_absolute_url() not in client.get(home).content.decode()


def test_thresholds_are_saved_once_for_each_version(client: Client) -> None:
    channel = make_books()
    client.force_login(make_senior(channel.ledger))
    address = reverse("reconciliation:alert_thresholds", args=(channel.code,))
    seen = client.get(address).context["form"].initial
    typed = {name: value for name, value in seen.items() if value is not None}

    assert client.post(address, typed | {"break_share": 7}).status_code == 302
    assert client.post(address, typed | {"break_share": 9}).status_code == 422
    assert AlertThresholds.objects.get().break_share == 7


def test_an_administrator_sets_the_webhook_and_nothing_inside(client: Client) -> None:
    client.force_login(make_user(make_books().organization, Role.ADMIN))
    address = reverse("reconciliation:alert_webhook")
    inside = {"url": "https://10.0.0.1/", "is_active": "on", "version": 0}

    assert client.post(address, inside).status_code == 422
    assert client.post(address, inside | {"url": "https://a.example.org/"}).status_code == 302
    assert AlertWebhook.objects.get().url == "https://a.example.org/"
