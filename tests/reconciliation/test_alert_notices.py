"""People outside are told of alerts: by mail, and by a signed post to a public address."""

from __future__ import annotations

import hmac
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.core import mail
from django.utils import timezone

from apps.core.errors import Forbidden
from apps.core.public_network import NotPublic, PublicBackend, check_public_url, is_public
from apps.organizations.permissions import Role
from apps.reconciliation.clients import webhooks
from apps.reconciliation.clients.webhooks import webhook_key
from apps.reconciliation.errors import UnsafeAddress
from apps.reconciliation.models import AlertNotice, ReconciliationRun
from apps.reconciliation.services.alert_notices import due_notices, send_notice
from apps.reconciliation.services.alerts import save_webhook, watch_channels
from apps.statements.models import Channel
from tests.factories import make_senior, make_user
from tests.reconciliation.world import make_books, make_run

pytestmark = pytest.mark.django_db
URL = "https://hooks.example.org/alerts"


@pytest.fixture
def channel() -> Channel:
    """Return a channel whose run failed, of an organization that is posted to."""
    found = make_books()
    run = make_run(found)
    ReconciliationRun.objects.filter(pk=run.pk).update(state="failed", failure="{}")
    admin = make_user(found.organization, Role.ADMIN)
    save_webhook(url=URL, is_active=True, version=0, actor=admin)
    return found


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Stand for the other side; its answers are what `answers` says, then 200."""

    class Receiver:
        """Keeps what it was sent."""

        def __init__(self) -> None:
            self.got: list[httpx.Request] = []
            self.answers: list[int] = []

        def take(self, request: httpx.Request) -> httpx.Response:
            self.got.append(request)
            return httpx.Response(self.answers.pop(0) if self.answers else 200)

    one = Receiver()
    client = httpx.Client(transport=httpx.MockTransport(one.take))
    monkeypatch.setattr(webhooks, "client", lambda: client)
    return one


def webhook_notice() -> AlertNotice:
    watch_channels()
    return AlertNotice.objects.get(by="webhook", is_closing=False)


def test_an_alert_is_posted_with_a_signature_that_the_receiver_can_check(
    channel: Channel, receiver: Any
) -> None:
    assert send_notice(webhook_notice().pk)

    (request,) = receiver.got
    name, secret = webhook_key(channel.organization_id)
    text = request.headers["X-FMIS-Timestamp"].encode() + b"." + request.content
    signature = hmac.digest(secret.encode(), text, "sha256").hex()
    assert request.headers["X-FMIS-Signature"] == f"{name}={signature}"
    assert json.loads(request.content)["kind"] == "failed"


def test_a_notice_goes_out_once(channel: Channel, receiver: Any) -> None:
    notice = webhook_notice()

    assert send_notice(notice.pk)
    assert not send_notice(notice.pk)
    assert len(receiver.got) == 1


def test_what_a_receiver_refuses_is_tried_again_later_and_not_for_ever(
    channel: Channel,
    receiver: Any,
) -> None:
    notice, now = webhook_notice(), timezone.now()
    receiver.answers = [400] * 20

    for _ in range(12):
        now += timedelta(hours=1)
        send_notice(notice.pk, now)

    notice.refresh_from_db()
    assert (notice.attempts, notice.next_try_at, notice.failure) == (10, None, "400")
    assert len(receiver.got) == 10


def test_an_alert_that_closes_is_posted_too_but_not_mailed(
    channel: Channel,
    receiver: Any,
) -> None:
    watch_channels()
    ReconciliationRun.objects.update(state="cancelled")
    watch_channels()

    told = AlertNotice.objects.order_by("pk").values_list("by", "is_closing")
    assert list(told) == [("mail", False), ("webhook", False), ("webhook", True)]


def test_those_who_write_rules_get_a_mail_in_their_language(
    channel: Channel, settings: Any
) -> None:
    settings.MAIL = {"backend": "django.core.mail.backends.locmem.EmailBackend"}
    senior = make_senior(channel.ledger)
    type(senior).objects.filter(pk=senior.pk).update(email="s@example.org", language="zh-hans")
    watch_channels()

    for pk in due_notices():
        if AlertNotice.objects.get(pk=pk).by == "mail":
            send_notice(pk)

    assert [one.to for one in mail.outbox] == [["s@example.org"]]
    assert "运行失败" in mail.outbox[0].subject


def test_only_administrators_say_where_alerts_go() -> None:
    channel = make_books()

    with pytest.raises(Forbidden):
        save_webhook(url=URL, is_active=True, version=0, actor=make_senior(channel.ledger))
    with pytest.raises(UnsafeAddress):
        save_webhook(
            url="https://10.0.0.1/", is_active=True, version=0,
            actor=make_user(channel.organization, Role.ADMIN),
        )  # fmt: skip


@pytest.mark.parametrize("url", [
    "http://hooks.example.org/", "https://127.0.0.1/", "https://[::1]/", "https://localhost/",
    "https://169.254.169.254/latest/", "https://u:p@example.org/", "https://example.org:22/",
    "https://[::ffff:10.0.0.1]/", "https://service.internal/", "ftp://example.org/", "https://",
])  # fmt: skip
def test_nothing_inside_can_be_posted_to(url: str) -> None:
    with pytest.raises(NotPublic):
        check_public_url(url)


def test_a_public_name_that_leads_inside_is_not_connected_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    inside = [(2, 1, 6, "", ("93.184.215.14", 443)), (2, 1, 6, "", ("192.168.0.1", 443))]
    monkeypatch.setattr("socket.getaddrinfo", lambda *_a, **_k: inside)

    with pytest.raises(NotPublic):
        PublicBackend().connect_tcp("hooks.example.org", 443)
    assert is_public("93.184.215.14")
    assert not is_public("64:ff9b::a00:1")
