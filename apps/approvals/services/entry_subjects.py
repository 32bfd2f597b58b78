"""Journal entries of every kind as subjects of approval."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from apps.approvals.services.counterparties import counterparties_of_entry
from apps.approvals.services.subject_facts import NOT_AT_ALL, SubjectFacts, SubjectService
from apps.ledgers.models import EntryState, JournalEntry
from apps.ledgers.services.decisions import mark_approved, mark_rejected, mark_returned
from apps.ledgers.services.dimensions import owners_on_lines
from apps.ledgers.services.drafts import mark_withdrawn
from apps.ledgers.services.entry_facts import content_hash_of, require_state
from apps.ledgers.services.entry_policy import approval_limit_under
from apps.ledgers.services.history import Change, changes_since
from apps.organizations.access import has_permission
from apps.organizations.permissions import Permission

if TYPE_CHECKING:
    from apps.organizations.models import User


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
        organization_id=entry.ledger.organization_id,
        ledger=entry.ledger,
        currency_id=entry.ledger.base_currency_id,
        maker=entry.maker,
        policy_id=entry.policy_id,
        amount=entry.total,
        content_hash=content_hash_of(entry),
    )


def _authority_over_entry(facts: SubjectFacts, person: User) -> Decimal | None:
    if not has_permission(person, Permission.ENTRY_APPROVE):
        return NOT_AT_ALL
    return approval_limit_under(person, facts.organization_id, facts.policy_id)


def _approve_entry(entry_id: int, actor: User, _reason: str) -> object:
    entry = _entry(entry_id)
    return mark_approved(entry, version=entry.version, actor=actor)


def _reject_entry(entry_id: int, actor: User, reason: str) -> object:
    entry = _entry(entry_id)
    return mark_rejected(entry, version=entry.version, actor=actor, reason=reason)


def _give_entry_back(entry_id: int, actor: User, reason: str) -> object:
    entry = _entry(entry_id)
    return mark_returned(entry, version=entry.version, actor=actor, reason=reason)


def _withdraw_entry(entry_id: int, actor: User, _reason: str) -> object:
    entry = _entry(entry_id)
    return mark_withdrawn(entry, version=entry.version, actor=actor)


def _changes_of_entry(entry_id: int, moment: datetime) -> list[Change]:
    return changes_since(_entry(entry_id), moment)


ENTRY = SubjectService(
    lock=_lock_entry,
    read=_read_entry,
    permission=Permission.ENTRY_APPROVE,
    authority=_authority_over_entry,
    approve=_approve_entry,
    reject=_reject_entry,
    withdraw=_withdraw_entry,
    changes=_changes_of_entry,
    give_back=_give_entry_back,
    counterparties=counterparties_of_entry,
    owners=owners_on_lines,
)
# A reversal gives money back: it is no part of what goes out.
REVERSAL = replace(ENTRY, counterparties=None)
