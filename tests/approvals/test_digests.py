"""The digest by e-mail: once a day, in the person's language, and never twice."""

from __future__ import annotations

import smtplib
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.locmem import EmailBackend
from django.db import connections
from django.urls import reverse
from django.utils import timezone

from apps.approvals.models import ApprovalRequest, DigestMail, DigestPreference
from apps.approvals.services.digest_post import (
    MOST_ATTEMPTS,
    PAUSE,
    digest_today,
    people_due,
    send_digest,
)
from apps.approvals.services.digests import digest_of, preference_of, save_digest_preference
from apps.approvals.tasks import send_digests
from apps.core.errors import StaleVersion
from apps.organizations.models import User
from apps.organizations.permissions import Role
from finance_mis import mail as mail_settings
from tests.approvals.rounds import approve, ask, ask_for, make_entry, make_flow
from tests.factories import make_ledger, make_user
from tests.permission_world import signed_in

pytestmark = pytest.mark.django_db
NO_TIME, HOUR = timedelta(0), timedelta(hours=1)
PAGE = reverse("approvals:digest_settings")


def at(hour: int, minutes: int = 0) -> datetime:
    """Return a moment of today."""
    return timezone.localtime().replace(hour=hour, minute=0) + timedelta(minutes=minutes)


class Desk:
    """An approver with an e-mail address, of whom every entry is asked."""

    def __init__(self) -> None:
        """Make the approver."""
        self.ledger = make_ledger()
        self.ann = make_user(
            self.ledger.organization, Role.APPROVER, email="ann@example.com", first_name="Ann"
        )
        make_flow(self.ledger.organization, ask(self.ann, sla_hours=1))

    def ask(self, amount: str = "100") -> ApprovalRequest:
        """Let an entry wait for the approver."""
        return ask_for(make_entry(self.ledger, amount))

    def wants(self, *, is_wanted: bool = True, hour: int = 8, version: int = 0) -> None:
        """Say what the approver wants."""
        save_digest_preference(actor=self.ann, is_wanted=is_wanted, hour=hour, version=version)


@pytest.fixture
def desk() -> Desk:
    """Return a desk."""
    return Desk()


class RefusingServer(EmailBackend):
    """A mail server that refuses everything."""

    def send_messages(self, _messages: Any) -> int:
        """Refuse."""
        raise smtplib.SMTPServerDisconnected("gone")


@pytest.fixture
def refusing(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Let the mail server refuse until the patch is undone."""
    monkeypatch.setattr(settings, "MAIL", {"backend": f"{__name__}.RefusingServer"})
    return monkeypatch


def test_it_says_what_waits_and_leads_to_pages_that_only_show(desk: Desk) -> None:
    first, _second = desk.ask("100"), desk.ask("1250.50")

    assert send_digest(desk.ann.pk, at(8))
    (sent,) = mail.outbox
    assert isinstance(sent, EmailMultiAlternatives)
    html = str(sent.alternatives[0][0])

    assert (sent.subject, sent.to) == ("2 requests wait for your approval", ["ann@example.com"])
    assert f"{settings.SITE_URL}/approvals/{first.pk}/" in sent.body
    assert "Total in CNY: 1,350.50" in sent.body
    assert html.count(f"/approvals/{first.pk}/") == 1
    assert "approve/" not in f"{sent.body}{html}"
    assert sent.extra_headers["List-Unsubscribe"] == f"<{settings.SITE_URL}{PAGE}>"


def test_it_speaks_the_language_of_the_person(desk: Desk) -> None:
    User.objects.filter(pk=desk.ann.pk).update(language="zh-hans")
    desk.ask()

    send_digest(desk.ann.pk, at(8))

    assert mail.outbox[0].subject == "有 1 项申请等待您审批"


def test_it_goes_out_once_a_day_from_the_chosen_hour_on(desk: Desk) -> None:
    desk.ask()
    desk.wants(hour=10)

    sent = [send_digest(desk.ann.pk, at(hour)) for hour in (9, 10, 11)]

    assert sent == [False, True, False]
    assert send_digest(desk.ann.pk, at(10) + timedelta(days=1))


def test_nothing_is_sent_where_nothing_waits_or_nobody_wants_it(desk: Desk) -> None:
    assert not send_digest(desk.ann.pk, at(8))
    approve(desk.ask(), desk.ann)
    desk.wants(is_wanted=False)
    desk.ask()
    tomorrow = at(9) + timedelta(days=1)

    assert people_due(tomorrow) == []
    assert not send_digest(desk.ann.pk, tomorrow)
    assert mail.outbox == []


def test_it_goes_to_people_who_decide_and_have_an_address(desk: Desk) -> None:
    home = desk.ledger.organization
    make_user(home, Role.APPROVER)
    make_user(home, Role.ACCOUNTANT, email="acc@example.com")
    make_user(home, Role.APPROVER, email="gone@example.com", is_active=False)

    assert people_due(at(8)) == [desk.ann.pk]
    assert people_due(at(7)) == []


def test_a_server_that_refuses_is_asked_again_and_the_person_sees_why(
    desk: Desk, refusing: pytest.MonkeyPatch
) -> None:
    desk.ask()
    assert not send_digest(desk.ann.pk, at(8))
    row = DigestMail.objects.get()
    assert (row.attempts, row.failure, row.sent_at) == (1, "SMTPServerDisconnected: gone", None)
    assert "gone" in signed_in(desk.ann).get(PAGE).content.decode()
    refusing.undo()

    assert people_due(at(8, 5)) == []
    assert send_digest(desk.ann.pk, at(8, 15))

    row.refresh_from_db()
    assert (row.attempts, row.failed_at, row.failure) == (2, None, "")
    assert digest_today(desk.ann) == row


@pytest.mark.usefixtures("refusing")
def test_a_server_that_refuses_for_ever_is_left_alone_until_tomorrow(desk: Desk) -> None:
    desk.ask()
    minutes = int(PAUSE.total_seconds()) // 60

    for attempt in range(MOST_ATTEMPTS + 3):
        send_digest(desk.ann.pk, at(8, attempt * minutes))

    assert DigestMail.objects.get().attempts == MOST_ATTEMPTS
    assert people_due(at(8) + timedelta(days=1)) == [desk.ann.pk]


def test_who_died_while_sending_is_not_sent_again(desk: Desk) -> None:
    desk.ask()
    today = timezone.localdate()
    DigestMail.objects.create(user=desk.ann, day=today, task_count=1, attempts=1)

    assert people_due(at(23)) == []
    assert not send_digest(desk.ann.pk, at(23))


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_one_mail(desk: Desk) -> None:
    desk.ask()
    moment = at(8)

    def work(_worker: int) -> bool:
        try:
            return send_digest(desk.ann.pk, moment)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        sent = list(pool.map(work, range(8)))

    assert sorted(sent)[-2:] == [False, True]
    assert len(mail.outbox) == 1


def test_beat_sends_what_is_due(desk: Desk) -> None:
    desk.ask()
    desk.wants(hour=0)

    send_digests()
    send_digests()

    assert len(mail.outbox) == 1
    assert settings.CELERY_BEAT_SCHEDULE["send digests"]["task"] == "approvals.send_digests"


def test_a_person_chooses_the_hour_or_none(desk: Desk) -> None:
    browser = signed_in(desk.ann)
    assert (preference_of(desk.ann).is_wanted, preference_of(desk.ann).hour) == (True, 8)

    browser.post(PAGE, {"frequency": "off", "hour": "17", "version": "0"})
    stale = browser.post(PAGE, {"frequency": "daily", "hour": "9", "version": "0"})
    strange = browser.post(PAGE, {"frequency": "hourly", "hour": "24", "version": "1"})

    kept = DigestPreference.objects.get()
    assert (kept.is_wanted, kept.hour, kept.history.count()) == (False, 17, 1)
    assert (stale.status_code, strange.status_code) == (422, 422)
    with pytest.raises(StaleVersion):
        desk.wants(version=7)


def test_it_counts_what_is_late_and_what_the_list_leaves_out(desk: Desk) -> None:
    for _ in range(11):
        desk.ask("1")
    first = desk.ann.approval_tasks.order_by("pk")[0]

    now, later = (digest_of(desk.ann, timezone.now() + wait) for wait in (NO_TIME, 2 * HOUR))

    assert (now.count, now.overdue, now.left_out) == (11, 0, 1)
    assert now.items[0].task == first
    assert later.overdue == 11


def test_the_server_is_read_from_one_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMAIL_URL", "smtps://me:p%40ss@mail.example")
    found = mail_settings.connection(None)
    monkeypatch.setenv("EMAIL_URL", "http://mail.example")

    assert found is not None
    assert (found["port"], found["password"], found["use_ssl"]) == (465, "p@ss", True)
    with pytest.raises(ImproperlyConfigured):
        mail_settings.connection(None)
    with pytest.raises(ImproperlyConfigured):
        mail_settings.site_url(is_needed=True)
