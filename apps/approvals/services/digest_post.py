"""Sending digests: once a day to each person who wants one and for whom something waits.

    claim (a row of the day, one for all workers) --> send --> sent
                                                           --> failed --> claim again, later

A claim is written before the mail goes out, and of two workers one gets it. Who dies in between
leaves a claim that nobody takes up again: a mail too few is better than one too many.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog
from django.conf import settings
from django.core.mail import get_connection
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from apps.approvals.models import DigestMail, DigestPreference
from apps.approvals.models.personal import DEFAULT_HOUR
from apps.approvals.services.digests import digest_mail
from apps.core.operation import operation
from apps.organizations.models import RoleAssignment, User
from apps.organizations.permissions import MATRIX, Permission
from apps.organizations.services.people import system_user_of

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from django.db.models import QuerySet

log = structlog.get_logger(__name__)
MOST_ATTEMPTS = 12
PAUSE = timedelta(minutes=10)
_LONGEST_FAILURE = 200


def people_due(now: datetime | None = None) -> list[int]:
    """Return who is to get a digest now: its hour has come, and none of today is settled."""
    if settings.MAIL is None:
        return []
    return list(_due(now or timezone.now()).order_by("pk").values_list("pk", flat=True))


def send_digest(user_id: int, now: datetime | None = None) -> bool:
    """Send a person the digest of today unless somebody did, or nothing waits.

    Say whether it went out. Safe to run twice and beside itself. What a mail server refuses is
    kept with the row, and is tried again later.
    """
    now = now or timezone.now()
    person = _due(now).select_related("organization").filter(pk=user_id).first()
    if person is None or settings.MAIL is None:
        return False
    count, mail = digest_mail(person)
    claim = _claim(person, count, now)
    if claim is None or not count:
        return False
    mail.connection = get_connection(**settings.MAIL)
    try:
        mail.send()
    except OSError as error:
        log.warning("digest.failed", user=person.pk, attempt=claim.attempts, error=str(error))
        failure = f"{type(error).__name__}: {error}"[:_LONGEST_FAILURE]
        _note(claim, failed_at=now, failure=failure)
        return False
    _note(claim, sent_at=timezone.now(), failure="")
    return True


def digest_today(user: User) -> DigestMail | None:
    """Return what became of the digest of today, None before its hour."""
    return DigestMail.objects.filter(user=user, day=timezone.localdate()).first()


def _due(now: datetime) -> QuerySet[User]:
    local = timezone.localtime(now)
    holders = RoleAssignment.objects.of_roles(MATRIX[Permission.APPROVAL_DECIDE])
    said = DigestPreference.objects.filter(user=OuterRef("pk"))
    refuses = Exists(said.filter(Q(is_wanted=False) | Q(hour__gt=local.hour)))
    today = DigestMail.objects.filter(user=OuterRef("pk"), day=local.date())
    people = User.objects.filter(
        ~refuses,
        ~Exists(today.filter(_is_settled(now))),
        is_active=True,
        organization__isnull=False,
        pk__in=holders.values("user"),
    ).exclude(email="")
    return people if local.hour >= DEFAULT_HOUR else people.filter(Exists(said))


def _is_settled(now: datetime) -> Q:
    """Say which digests are not to be tried, or not yet again."""
    return Q(failed_at=None) | Q(attempts__gte=MOST_ATTEMPTS) | Q(failed_at__gt=now - PAUSE)


def _claim(person: User, count: int, now: datetime) -> DigestMail | None:
    """Return the row of the day if it is ours to send, None where another worker has it."""
    day = timezone.localtime(now).date()
    first = {"task_count": count, "attempts": 1 if count else 0}
    with _operation("digest.claim", person):
        row, is_new = DigestMail.objects.get_or_create(user=person, day=day, defaults=first)
        if is_new:
            return row
        again = DigestMail.objects.filter(pk=row.pk).exclude(_is_settled(now))
        changes = {"failed_at": None, "task_count": count, "attempts": F("attempts") + 1}
        if not again.update(**changes):
            return None
    row.refresh_from_db()
    return row


def _note(claim: DigestMail, **changes: object) -> None:
    with _operation("digest.send", claim.user):
        DigestMail.objects.filter(pk=claim.pk).update(**changes)


def _operation(kind: str, person: User) -> AbstractContextManager[None]:
    assert person.organization is not None  # noqa: S101  (`_due` asks for it)
    return operation(kind, actor=system_user_of(person.organization))
