r"""Telling people outside of alerts: by mail to who writes the rules, and to the webhook.

    due → claimed (its attempt is counted) → sent
                                        \──→ failed → due again, ten times in all

A notice is written with its alert. A worker that dies after its claim leaves one that is tried
again: whoever is posted to knows a repetition by its Idempotency-Key.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import structlog
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db.models import F
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from apps.core.operation import operation
from apps.events.domain.backoff import pause_after
from apps.organizations.models import RoleAssignment, User
from apps.organizations.permissions import MATRIX, Permission
from apps.organizations.services.people import system_user_of
from apps.reconciliation.clients.webhooks import NotTaken, post_alert
from apps.reconciliation.models import AlertNotice, AlertWebhook
from apps.reconciliation.services.alert_pages import rows_of
from apps.reconciliation.words import TellBy

if TYPE_CHECKING:
    from collections.abc import Iterable

    from apps.reconciliation.models import Alert

_MOST_AT_ONCE = 100
_LONGEST_FAILURE = 200
log = structlog.get_logger(__name__)


def due_notices(now: datetime | None = None) -> list[int]:
    """Return the notices that are to go out now, the oldest first."""
    due = AlertNotice.objects.filter(sent_at=None, next_try_at__lte=now or timezone.now())
    return list(due.order_by("pk").values_list("pk", flat=True)[:_MOST_AT_ONCE])


def send_notice(pk: int, now: datetime | None = None) -> bool:
    """Send a notice unless somebody did; say whether it went out.

    Safe to run twice and beside itself: the claim is one UPDATE.
    """
    now = now or timezone.now()
    notice = _claim(pk, now)
    if notice is None:
        return False
    try:
        if notice.by == TellBy.MAIL:
            _mail(notice.alert)
        else:
            _post(notice, now)
    except (NotTaken, OSError) as error:
        log.warning("alert not told", notice=pk, attempt=notice.attempts, error=str(error))
        _note(notice, failure=f"{error}"[:_LONGEST_FAILURE])
        return False
    _note(notice, sent_at=timezone.now(), next_try_at=None, failure="")
    return True


def _claim(pk: int, now: datetime) -> AlertNotice | None:
    """Take a notice: its attempt is counted and its next one set, before anything goes out."""
    rows = AlertNotice.objects.select_related("alert__organization", "alert__channel__partner")
    found = rows.filter(pk=pk, sent_at=None, next_try_at__lte=now).first()
    if found is None:
        return None
    pause = pause_after(found.attempts + 1)
    with operation("alert.tell", actor=system_user_of(found.alert.organization)):
        mine = AlertNotice.objects.filter(pk=pk, sent_at=None, attempts=found.attempts)
        taken = mine.update(
            attempts=F("attempts") + 1, next_try_at=now + pause if pause else None
        )
    found.attempts += 1
    return found if taken else None


def _note(notice: AlertNotice, **changes: object) -> None:
    with operation("alert.tell", actor=system_user_of(notice.alert.organization)):
        AlertNotice.objects.filter(pk=notice.pk).update(**changes)


def _mail(alert: Alert) -> None:
    """Mail an alert to everybody who writes rules, each in the own language."""
    people = list(_readers(alert.organization_id))
    if settings.MAIL is None or not people:
        return
    get_connection(**settings.MAIL).send_messages(list(_mails(alert, people)))


def _readers(organization_id: int) -> Iterable[User]:
    held = RoleAssignment.objects.of_roles(MATRIX[Permission.RECONCILIATION_RULES])
    return User.objects.filter(
        organization=organization_id, is_active=True, pk__in=held.values("user")
    ).exclude(email="")


def _mails(alert: Alert, people: Iterable[User]) -> Iterable[EmailMessage]:
    for person in people:
        with translation.override(person.language or settings.LANGUAGE_CODE):
            (row,) = rows_of([alert])
            context = {
                "person": person,
                "row": row,
                "url": f"{settings.SITE_URL}{reverse('reconciliation:alert_list')}",
            }
            yield EmailMessage(
                subject=_("%(channel)s: %(kind)s")
                % {"channel": alert.channel.label, "kind": alert.get_kind_display()},
                body=render_to_string("reconciliation/mail/alert.txt", context),
                from_email=settings.DEFAULT_FROM_EMAIL,
                to=[person.email],
                headers={"Auto-Submitted": "auto-generated"},
            )


def _post(notice: AlertNotice, now: datetime) -> None:
    """Post an alert to the webhook of its organization, if there is one still."""
    alert = notice.alert
    hook = AlertWebhook.objects.filter(
        organization=alert.organization_id, is_active=True
    ).first()
    if hook is None:
        return
    post_alert(
        hook.url,
        alert.organization_id,
        facts_for_webhook(notice),
        key=f"alert-{alert.pk}-{'closed' if notice.is_closing else 'opened'}",
        timestamp=int(now.timestamp()),
    )


def facts_for_webhook(notice: AlertNotice) -> dict[str, object]:
    """Return what is posted; values are text, so that nothing rounds them."""
    alert = notice.alert
    return {
        "event": "alert.closed" if notice.is_closing else "alert.opened",
        "id": alert.pk,
        "channel": alert.channel.code,
        "partner": alert.channel.partner.code if alert.channel.partner else None,
        "kind": alert.kind,
        "value": f"{alert.value.normalize():f}",
        "worst": f"{alert.worst.normalize():f}",
        "threshold": f"{alert.threshold.normalize():f}",
        "currency": alert.channel.currency_id,
        "opened_at": alert.opened_at.isoformat(),
        "closed_at": alert.closed_at.isoformat() if alert.closed_at else None,
        "url": f"{settings.SITE_URL}{reverse('reconciliation:alert_list')}",
    }
