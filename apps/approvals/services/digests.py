"""The digest: what waits for a person, in the person's language, as the mail says it.

It leads to pages and never approves anything: programs that read mail follow links too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import IntegrityError, transaction
from django.db.models import Count, Min, Q, Sum
from django.db.models.functions import Abs
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import ngettext

from apps.approvals.access import tasks_of, ways_to
from apps.approvals.models import ApprovalRequest, DigestPreference
from apps.approvals.services.inbox import Item, first_items
from apps.core.errors import StaleVersion
from apps.core.operation import operation

if TYPE_CHECKING:
    from apps.organizations.models import User

SHOWN = 10


@dataclass(frozen=True, slots=True)
class Digest:
    """What waits for a person; totals are pairs of currency and the sum of sizes."""

    count: int
    overdue: int
    oldest: datetime | None
    totals: list[tuple[str, Decimal]]
    items: list[Item]

    @property
    def left_out(self) -> int:
        """How many tasks the list does not show."""
        return self.count - len(self.items)


def digest_of(user: User, now: datetime | None = None) -> Digest:
    """Return what waits for a person now, the oldest first."""
    tasks = tasks_of(user, ways_to(user))
    is_late = Q(due_at__lt=now or timezone.now(), request__asked_at=None)
    found = tasks.aggregate(
        count=Count("pk"), overdue=Count("pk", filter=is_late), oldest=Min("opened_at")
    )
    # A request with two tasks for one person is counted once.
    requests = ApprovalRequest.objects.filter(pk__in=tasks.values("request"))
    sums = requests.values_list("currency").annotate(total=Sum(Abs("amount")))
    return Digest(
        **found, totals=list(sums.order_by("currency")), items=first_items(user, SHOWN)
    )


def digest_mail(user: User) -> tuple[int, EmailMultiAlternatives]:
    """Return how much waits, and the mail that says it in the language of the person."""
    settings_url = address_of("approvals:digest_settings")
    with translation.override(user.language or settings.LANGUAGE_CODE):
        digest = digest_of(user)
        context = {
            "person": user,
            "digest": digest,
            "items": [(one, _page_of(one)) for one in digest.items],
            "inbox_url": address_of("approvals:approval_list"),
            "settings_url": settings_url,
        }
        mail = EmailMultiAlternatives(
            subject=_subject(digest),
            body=render_to_string("approvals/mail/digest.txt", context),
            from_email=settings.DEFAULT_FROM_EMAIL,
            to=[user.email],
            headers={
                "Auto-Submitted": "auto-generated",
                "List-Unsubscribe": f"<{settings_url}>",
            },
        )
        html = render_to_string("approvals/mail/digest.html", context)
    mail.attach_alternative(html, "text/html")
    return digest.count, mail


def address_of(url_name: str, *args: Any) -> str:
    """Return the whole address of a page."""
    return f"{settings.SITE_URL}{reverse(url_name, args=args)}"


def preference_of(user: User) -> DigestPreference:
    """Return what a person wants; who never said anything gets the digest at the usual hour."""
    found = DigestPreference.objects.filter(user=user).first()
    return found or DigestPreference(user=user, version=0)


def save_digest_preference(
    *, actor: User, is_wanted: bool, hour: int, version: int
) -> DigestPreference:
    """Keep whether and from which hour on the actor wants the digest.

    Raises:
        StaleVersion: another window of the actor was faster.
    """
    changes: dict[str, Any] = {"is_wanted": is_wanted, "hour": hour}
    with operation("digest.preference", actor=actor):
        found = DigestPreference.objects.filter(user=actor).first()
        if found is not None:
            return found.update_versioned(
                actor=actor, reason="change", expected_version=version, **changes
            )
        try:
            with transaction.atomic():
                return DigestPreference.create_versioned(actor=actor, user=actor, **changes)
        except IntegrityError as error:
            raise StaleVersion(what=DigestPreference._meta.verbose_name) from error


def _page_of(item: Item) -> str:
    return address_of("approvals:approval_detail", item.request.pk)


def _subject(digest: Digest) -> str:
    text = ngettext(
        "%(count)s request waits for your approval",
        "%(count)s requests wait for your approval",
        digest.count,
    )
    return text % {"count": digest.count}
