"""Decisions of another person: approve, reject, and take an approval back.

`mark_approved` and `mark_returned` change the state and know no policy but maker ≠
checker. `approve_journal_entry` adds the one-step policy: up to the limit that the finance
policy of the entry gives the role. An approval engine above the books calls the former with
its own policy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from apps.core.operation import operation
from apps.ledgers.database_errors import refusals_in_words
from apps.ledgers.errors import AboveLimit, MakerIsChecker, NotTheChecker, ReasonIsMissing
from apps.ledgers.models import EntryState
from apps.ledgers.services.entry_facts import require_state
from apps.ledgers.services.entry_policy import approval_limit_under

if TYPE_CHECKING:
    from apps.ledgers.models import JournalEntry
    from apps.organizations.models import User


def approve_journal_entry(entry: JournalEntry, *, version: int, actor: User) -> JournalEntry:
    """Approve a submitted entry within the actor's limit.

    Raises:
        MakerIsChecker: the actor made it.
        AboveLimit: its total is above the actor's limit.
        IllegalStep, StaleVersion: somebody was faster.
    """
    limit = approval_limit_under(actor, entry.ledger, entry.policy_id)
    if limit is not None and entry.total.copy_abs() > limit:
        raise AboveLimit(currency=entry.ledger.base_currency_id, total=entry.total, limit=limit)
    return mark_approved(entry, version=version, actor=actor)


def mark_approved(entry: JournalEntry, *, version: int, actor: User) -> JournalEntry:
    """Move a submitted entry to approved, the actor as its checker.

    Raises:
        MakerIsChecker, IllegalStep, StaleVersion: see `approve_journal_entry`.
    """
    _require_other_person(entry, actor)
    require_state(entry, EntryState.SUBMITTED)
    with operation("journal_entry.approve", actor=actor), refusals_in_words():
        return entry.update_versioned(
            actor=actor,
            reason="approve",
            expected_version=version,
            state=EntryState.APPROVED,
            checker=actor,
            approved_at=timezone.now(),
        )


def reject_journal_entry(
    entry: JournalEntry, *, version: int, actor: User, reason: str
) -> JournalEntry:
    """Return a submitted entry to its maker, saying why.

    Raises:
        ReasonIsMissing: there is none.
        MakerIsChecker, IllegalStep, StaleVersion: see `approve_journal_entry`.
    """
    _require_reason(reason)
    _require_other_person(entry, actor)
    require_state(entry, EntryState.SUBMITTED)
    with operation("journal_entry.reject", actor=actor, reason=reason), refusals_in_words():
        return entry.update_versioned(
            actor=actor,
            reason=reason,
            expected_version=version,
            state=EntryState.DRAFT,
            submitted_at=None,
            review_note=reason[:500],
        )


def unapprove_journal_entry(
    entry: JournalEntry, *, version: int, actor: User, reason: str
) -> JournalEntry:
    """Take an approval back 反审核, before posting; the entry waits for a decision again.

    Raises:
        ReasonIsMissing: there is none.
        NotTheChecker: somebody else approved.
        IllegalStep, StaleVersion: somebody was faster.
    """
    _require_reason(reason)
    require_state(entry, EntryState.APPROVED)
    if entry.checker_id != actor.pk:
        raise NotTheChecker
    with operation("journal_entry.unapprove", actor=actor, reason=reason), refusals_in_words():
        return entry.update_versioned(
            actor=actor,
            reason=reason,
            expected_version=version,
            state=EntryState.SUBMITTED,
            checker=None,
            approved_at=None,
        )


def _require_other_person(entry: JournalEntry, actor: User) -> None:
    if entry.maker_id == actor.pk:
        raise MakerIsChecker


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise ReasonIsMissing(field="reason")
