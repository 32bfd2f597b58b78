"""What can be approved: for each kind the functions that read it and carry a verdict out.

A kind is added as one row of SUBJECTS. Its functions take the key of the subject; `lock`
takes the lock of its row, always before the row of the request, so that a decision and a change
of the subject wait for each other and never in a circle.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING

from apps.approvals.words import SubjectKind
from apps.ledgers.models import EntryState, JournalEntry, Ledger
from apps.ledgers.services.decisions import mark_approved, reject_journal_entry
from apps.ledgers.services.drafts import withdraw_journal_entry
from apps.ledgers.services.entry_facts import content_hash_of, require_state
from apps.ledgers.services.entry_policy import approval_limit_under
from apps.organizations.access import has_permission
from apps.organizations.permissions import Permission

if TYPE_CHECKING:
    from apps.organizations.models import User


@dataclass(frozen=True, slots=True)
class SubjectFacts:
    """A subject as it is now, locked; `amount` is in the base currency of the ledger."""

    id: int
    ledger: Ledger
    maker: User
    policy_id: int | None
    amount: Decimal
    content_hash: str


@dataclass(frozen=True, slots=True)
class SubjectService:
    """How a kind of subject is read, and what becomes of it."""

    lock: Callable[[int], object]
    read: Callable[[int], SubjectFacts]
    # Up to which amount a person may approve: None without limit, Decimal(-1) not at all.
    authority: Callable[[SubjectFacts, User], Decimal | None]
    approve: Callable[[int, User], object]
    reject: Callable[[int, User, str], object]
    withdraw: Callable[[int, User], object]


NOT_AT_ALL = Decimal(-1)


def subject_service(kind: str) -> SubjectService:
    """Return the functions of a kind."""
    return SUBJECTS[SubjectKind(kind)]


def is_within(amount: Decimal, limit: Decimal | None) -> bool:
    """Say whether a limit covers an amount of either sign."""
    return limit is None or amount.copy_abs() <= limit


def _entry(entry_id: int) -> JournalEntry:
    rows = JournalEntry.objects.select_related("ledger", "maker__department")
    return rows.get(pk=entry_id)


def _lock_entry(entry_id: int) -> object:
    return JournalEntry.objects.select_for_update(no_key=True).get(pk=entry_id)


def _read_entry(entry_id: int) -> SubjectFacts:
    entry = _entry(entry_id)
    require_state(entry, EntryState.SUBMITTED)
    return SubjectFacts(
        id=entry.pk,
        ledger=entry.ledger,
        maker=entry.maker,
        policy_id=entry.policy_id,
        amount=entry.total,
        content_hash=content_hash_of(entry),
    )


def _authority_over_entry(facts: SubjectFacts, person: User) -> Decimal | None:
    if not has_permission(person, Permission.ENTRY_APPROVE):
        return NOT_AT_ALL
    return approval_limit_under(person, facts.ledger, facts.policy_id)


def _approve_entry(entry_id: int, actor: User) -> object:
    entry = _entry(entry_id)
    return mark_approved(entry, version=entry.version, actor=actor)


def _reject_entry(entry_id: int, actor: User, reason: str) -> object:
    entry = _entry(entry_id)
    return reject_journal_entry(entry, version=entry.version, actor=actor, reason=reason)


def _withdraw_entry(entry_id: int, actor: User) -> object:
    entry = _entry(entry_id)
    return withdraw_journal_entry(entry, version=entry.version, actor=actor)


# Reversals are journal entries: they take the same way.
SUBJECTS = MappingProxyType({
    SubjectKind.JOURNAL_ENTRY: SubjectService(
        lock=_lock_entry,
        read=_read_entry,
        authority=_authority_over_entry,
        approve=_approve_entry,
        reject=_reject_entry,
        withdraw=_withdraw_entry,
    ),
})  # fmt: skip
