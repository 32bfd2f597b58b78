"""Decisions of another person: approve, reject, and take an approval back.

`mark_approved`, `mark_rejected` and `mark_returned` change the state and know no policy but
maker ≠ checker; the engine above the books calls them when a round is over.
`approve_journal_entry` and `reject_journal_entry` are what people do: their say in the round
that is open, or, where the organization has no flow, the rule of one step: up to the limit
that the finance policy of the entry gives the role.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from apps.core.operation import operation
from apps.core.rounds import rounds
from apps.ledgers.database_errors import refusals_in_words
from apps.ledgers.errors import AboveLimit, MakerIsChecker, NotTheChecker, ReasonIsMissing
from apps.ledgers.models import EntryState
from apps.ledgers.services.entry_facts import require_state, require_version
from apps.ledgers.services.entry_policy import approval_limit_under
from apps.ledgers.services.import_rounds import require_own_decision
from apps.ledgers.services.subject_kinds import subject_kind_of

if TYPE_CHECKING:
    from apps.ledgers.models import JournalEntry
    from apps.organizations.models import User


def approve_journal_entry(entry: JournalEntry, *, version: int, actor: User) -> JournalEntry:
    """Give the actor's approval; where a flow asks for more, the entry waits for the others.

    Raises:
        MakerIsChecker: the actor made it.
        AboveLimit: its total is above the actor's limit.
        ImportDecides: it waits with the others of its import.
        IllegalStep, StaleVersion: somebody was faster.
        FinanceError: its round asks somebody else, or was decided by somebody else.
    """
    require_version(entry, version)
    if rounds().approve(subject_kind_of(entry), entry.pk, actor=actor):
        entry.refresh_from_db()
        return entry
    require_own_decision(entry)
    limit = approval_limit_under(actor, entry.ledger.organization_id, entry.policy_id)
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
    """Refuse a submitted entry, saying why; it is a draft again, and its round ends.

    Raises:
        ReasonIsMissing: there is none.
        MakerIsChecker, ImportDecides, IllegalStep, StaleVersion: see `approve_journal_entry`.
        FinanceError: its round asks somebody else, or was decided by somebody else.
    """
    _require_reason(reason)
    require_version(entry, version)
    if rounds().reject(subject_kind_of(entry), entry.pk, actor=actor, reason=reason):
        entry.refresh_from_db()
        return entry
    require_own_decision(entry)
    return mark_rejected(entry, version=version, actor=actor, reason=reason)


def mark_rejected(
    entry: JournalEntry, *, version: int, actor: User, reason: str
) -> JournalEntry:
    """Move a submitted entry that was refused back to draft.

    Raises:
        ReasonIsMissing, MakerIsChecker, IllegalStep, StaleVersion: see `reject_journal_entry`.
    """
    with operation("journal_entry.reject", actor=actor, reason=reason):
        return _back_to_draft(entry, version, actor, reason)


def mark_returned(
    entry: JournalEntry, *, version: int, actor: User, reason: str
) -> JournalEntry:
    """Give a submitted entry back to its maker to be mended; it is a draft again.

    Raises:
        ReasonIsMissing, MakerIsChecker, IllegalStep, StaleVersion: see `reject_journal_entry`.
    """
    with operation("journal_entry.return", actor=actor, reason=reason):
        return _back_to_draft(entry, version, actor, reason)


def _back_to_draft(entry: JournalEntry, version: int, actor: User, reason: str) -> JournalEntry:
    _require_reason(reason)
    _require_other_person(entry, actor)
    require_state(entry, EntryState.SUBMITTED)
    with refusals_in_words():
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
        FinanceError: its flow finds nobody any more who could approve it.
    """
    _require_reason(reason)
    require_state(entry, EntryState.APPROVED)
    if entry.checker_id != actor.pk:
        raise NotTheChecker
    with operation("journal_entry.unapprove", actor=actor, reason=reason), refusals_in_words():
        entry.update_versioned(
            actor=actor,
            reason=reason,
            expected_version=version,
            state=EntryState.SUBMITTED,
            checker=None,
            approved_at=None,
        )
        rounds().take_back(subject_kind_of(entry), entry.pk, actor=actor, reason=reason)
    return entry


def _require_other_person(entry: JournalEntry, actor: User) -> None:
    if entry.maker_id == actor.pk:
        raise MakerIsChecker


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise ReasonIsMissing(field="reason")
