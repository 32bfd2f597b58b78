"""What waits for a person, read from the journals of all the person's ledgers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Q

from apps.ledgers.models import (
    EntryState,
    JournalEntry,
    JournalImport,
    Period,
    PeriodState,
    ReopenRequest,
)
from apps.organizations.access import has_permission
from apps.organizations.permissions import Permission
from apps.rollout.access import flags_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

    from apps.ledgers.models import Ledger
    from apps.ledgers.models.journal import JournalEntryQuerySet
    from apps.organizations.models import User
    from apps.rollout.models import Flag

_SHOWN = 8
_IMPORTS_SHOWN = 5


@dataclass(frozen=True)
class Counts:
    """How many entries want something of one person; those not allowed are 0."""

    to_approve: int = 0
    to_post: int = 0
    returned: int = 0
    drafts: int = 0
    submitted: int = 0

    @property
    def waiting(self) -> int:
        """Entries that do not go on without this person."""
        return self.to_approve + self.to_post + self.returned


def count_work(user: User, ledgers: Sequence[Ledger]) -> Counts:
    """Count in one statement what waits for the user."""
    if not ledgers:
        return Counts()
    mine = Q(maker=user)
    may_approve = has_permission(user, Permission.ENTRY_APPROVE)
    may_post = has_permission(user, Permission.ENTRY_POST)
    found = (
        JournalEntry.objects.filter(ledger__in=ledgers)
        .unposted()
        .aggregate(
            to_approve=Count("pk", filter=Q(state=EntryState.SUBMITTED) & ~mine),
            to_post=Count("pk", filter=Q(state=EntryState.APPROVED)),
            returned=Count("pk", filter=Q(state=EntryState.DRAFT) & mine & ~Q(review_note="")),
            drafts=Count("pk", filter=Q(state=EntryState.DRAFT) & mine & Q(review_note="")),
            submitted=Count("pk", filter=Q(state=EntryState.SUBMITTED) & mine),
        )
    )
    found["to_approve"] *= may_approve
    found["to_post"] *= may_post
    return Counts(**found)


def entries_to_approve(user: User, ledgers: Sequence[Ledger]) -> JournalEntryQuerySet:
    """Return the first submitted entries of others, the longest waiting first."""
    entries = _entries_of(ledgers).waiting_for_approval_by(user)
    return entries.order_by("submitted_at")[:_SHOWN]


def entries_to_post(ledgers: Sequence[Ledger]) -> JournalEntryQuerySet:
    """Return the first approved entries, the longest waiting first."""
    return _entries_of(ledgers).waiting_to_be_posted().order_by("approved_at")[:_SHOWN]


def entries_returned_to(user: User, ledgers: Sequence[Ledger]) -> JournalEntryQuerySet:
    """Return the user's entries that somebody sent back."""
    return _entries_of(ledgers).returned_to(user).order_by("-updated_at")[:_SHOWN]


def drafts_of(user: User, ledgers: Sequence[Ledger]) -> JournalEntryQuerySet:
    """Return the user's latest drafts that nobody has sent back."""
    drafts = _entries_of(ledgers).drafts_of(user).filter(review_note="")
    return drafts.order_by("-updated_at")[:_SHOWN]


def _entries_of(ledgers: Sequence[Ledger]) -> JournalEntryQuerySet:
    entries = JournalEntry.objects.filter(ledger__in=ledgers)
    return entries.select_related("ledger", "period", "maker", "checker")


def periods_in_work(ledgers: Sequence[Ledger]) -> QuerySet[Period]:
    """Return the periods that take entries or are being closed, by ledger, latest first."""
    states = (PeriodState.OPEN, PeriodState.CLOSING)
    periods = Period.objects.filter(ledger__in=ledgers, state__in=states, is_adjustment=False)
    return periods.select_related("ledger").order_by("ledger__code", "-starts_on")


def reopenings_to_decide(user: User, ledgers: Sequence[Ledger]) -> QuerySet[ReopenRequest]:
    """Return the requests of others to open a closed period again, the oldest first."""
    waiting = ReopenRequest.objects.filter(
        period__ledger__in=ledgers, state=ReopenRequest.State.WAITING
    )
    others = waiting.exclude(requested_by=user)
    return others.select_related("period__ledger", "requested_by").order_by("id")[:_SHOWN]


def halted_rollouts(user: User) -> QuerySet[Flag]:
    """Return the rollouts whose ramp waits for a person's decision."""
    return flags_for(user).filter(is_ramp_halted=True).order_by("name")


def latest_imports(user: User, ledgers: Sequence[Ledger]) -> QuerySet[JournalImport]:
    """Return the user's latest imports."""
    imports = JournalImport.objects.filter(ledger__in=ledgers, created_by=user)
    return imports.select_related("ledger").order_by("-id")[:_IMPORTS_SHOWN]
