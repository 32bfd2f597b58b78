"""What waits for a person, read from the journals of all the person's ledgers."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING

from django.db.models import Count, Q

from apps.approvals.access import tasks_of
from apps.approvals.models import ApprovalRequest
from apps.approvals.words import RequestState
from apps.ledgers.models import (
    EntryState,
    JournalEntry,
    JournalImport,
    Period,
    PeriodState,
    ReopenRequest,
)
from apps.ledgers.services.closing.reopen import PERIOD_REOPEN
from apps.ledgers.services.import_rounds import JOURNAL_IMPORT
from apps.ledgers.services.subject_kinds import ENTRY_KINDS
from apps.organizations.access import has_permission, tenant_of
from apps.organizations.permissions import Permission
from apps.reconciliation.access import alerts_for, rules_for
from apps.reconciliation.models import RuleSetVersion
from apps.reconciliation.words import AlertState
from apps.rollout.access import flags_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.db.models import QuerySet

    from apps.ledgers.models import Ledger
    from apps.ledgers.models.journal import JournalEntryQuerySet
    from apps.organizations.models import User
    from apps.reconciliation.models import Alert
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
    asked = Q(state=EntryState.SUBMITTED) & ~mine & _is_alone(user)
    may_approve = has_permission(user, Permission.ENTRY_APPROVE)
    may_post = has_permission(user, Permission.ENTRY_POST)
    found = (
        JournalEntry.objects.filter(ledger__in=ledgers)
        .unposted()
        .aggregate(
            to_approve=Count("pk", filter=asked),
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
    """Return the first entries that the user may approve, the longest waiting first."""
    entries = _entries_of(ledgers).waiting_for_approval_by(user).filter(_is_alone(user))
    return entries.order_by("submitted_at")[:_SHOWN]


def _is_alone(user: User) -> Q:
    """Return entries that ask the user by themselves, not as a part of an import."""
    imports = ApprovalRequest.objects.filter(
        organization=tenant_of(user), subject_kind=JOURNAL_IMPORT, state=RequestState.OPEN
    )
    return _asks(user) & ~Q(journal_import__in=imports.values("subject_id"))


def _asks(user: User, kinds: Iterable[str] = ENTRY_KINDS) -> Q:
    """Return subjects whose round asks the user, and those that have no round.

    Both sets are read once and compared; a question for each of them costs ten times as much.
    """
    rounds = ApprovalRequest.objects.filter(
        organization=tenant_of(user), subject_kind__in=kinds, state=RequestState.OPEN
    )
    asked = rounds.filter(tasks__in=tasks_of(user, ()))
    return ~Q(pk__in=rounds.values("subject_id")) | Q(pk__in=asked.values("subject_id"))


def entries_to_post(ledgers: Sequence[Ledger]) -> JournalEntryQuerySet:
    """Return the first approved entries, the longest waiting first."""
    return _entries_of(ledgers).waiting_to_be_posted().order_by("approved_at")[:_SHOWN]


def entries_in_queues(
    user: User, ledgers: Sequence[Ledger]
) -> tuple[list[JournalEntry], list[JournalEntry]]:
    """Return what the user may approve, and what is to be posted, in one statement."""
    both = list(entries_to_approve(user, ledgers).union(entries_to_post(ledgers), all=True))
    to_post = [entry for entry in both if entry.state == EntryState.APPROVED]
    to_approve = [entry for entry in both if entry.state == EntryState.SUBMITTED]
    return (
        sorted(to_approve, key=attrgetter("submitted_at")),
        sorted(to_post, key=attrgetter("approved_at")),
    )


def entries_returned_to(user: User, ledgers: Sequence[Ledger]) -> JournalEntryQuerySet:
    """Return the user's entries that somebody sent back."""
    return _entries_of(ledgers).returned_to(user).order_by("-updated_at")[:_SHOWN]


def drafts_of(user: User, ledgers: Sequence[Ledger]) -> JournalEntryQuerySet:
    """Return the user's latest drafts that nobody has sent back."""
    drafts = _entries_of(ledgers).drafts_of(user).filter(review_note="")
    return drafts.order_by("-updated_at")[:_SHOWN]


def own_drafts(
    user: User, ledgers: Sequence[Ledger]
) -> tuple[list[JournalEntry], list[JournalEntry]]:
    """Return what was sent back to the user, and the other drafts, in one statement."""
    both = entries_returned_to(user, ledgers).union(drafts_of(user, ledgers), all=True)
    entries = sorted(both, key=lambda entry: entry.updated_at, reverse=True)
    returned = [entry for entry in entries if entry.review_note]
    return returned, [entry for entry in entries if not entry.review_note]


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
    others = waiting.exclude(requested_by=user).filter(_asks(user, [PERIOD_REOPEN]))
    return others.select_related("period__ledger", "requested_by").order_by("id")[:_SHOWN]


def halted_rollouts(user: User) -> QuerySet[Flag]:
    """Return the rollouts whose ramp waits for a person's decision."""
    return flags_for(user).filter(is_ramp_halted=True).order_by("name")


def open_alerts(user: User) -> QuerySet[Alert]:
    """Return the alerts that nobody looks after yet, the newest first."""
    return alerts_for(user).filter(state=AlertState.OPEN)[:_SHOWN]


def rules_to_activate(user: User) -> QuerySet[RuleSetVersion]:
    """Return the drafts of matching rules of others that can be activated, the oldest first.

    Those compared with rules that are not active any more have to be tried again first.
    """
    drafts = rules_for(user).filter(
        state=RuleSetVersion.State.DRAFT, trial__baseline__state=RuleSetVersion.State.ACTIVE
    )
    return drafts.exclude(created_by=user).order_by("created_at", "pk")[:_SHOWN]


def latest_imports(user: User, ledgers: Sequence[Ledger]) -> QuerySet[JournalImport]:
    """Return the user's latest imports."""
    imports = JournalImport.objects.filter(ledger__in=ledgers, created_by=user)
    return imports.select_related("ledger").order_by("-id")[:_IMPORTS_SHOWN]
