"""Imports of entries as subjects of approval: all entries of a file are decided on as one.

What is decided on are the entries that came with the file and wait. One that is submitted by
itself after it was taken back has a round of its own, and belongs to its import no longer.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Exists, OuterRef

from apps.approvals.models import ApprovalRequest
from apps.approvals.services.counterparties import counterparties_of_import
from apps.approvals.services.subject_facts import NOT_AT_ALL, SubjectFacts, SubjectService
from apps.approvals.words import ENTRY_KINDS, RequestState, SubjectKind
from apps.ledgers.import_errors import NothingToDecide
from apps.ledgers.models import JournalEntry, JournalImport
from apps.ledgers.services.entry_policy import approval_limit_under
from apps.ledgers.services.import_rounds import mark_import_approved, mark_import_drafts
from apps.organizations.access import has_permission
from apps.organizations.permissions import Permission

if TYPE_CHECKING:
    from apps.organizations.models import User

_CONTENT = """
SELECT entries, approvals_import_amount(%(key)s), content_hash, policies
FROM approvals_import_content(%(key)s)
"""


@dataclass(frozen=True, slots=True)
class ImportFacts(SubjectFacts):
    """An import as it is now; its entries may be of several policies."""

    policies: tuple[int, ...] = ()


def was_approved_with_import(kind: str, entry_id: int) -> bool:
    """Say whether an entry that has no round of its own was approved by that of its import."""
    if kind not in ENTRY_KINDS:
        return False
    rounds = ApprovalRequest.objects.filter(
        subject_kind=SubjectKind.JOURNAL_IMPORT,
        subject_id=OuterRef("journal_import"),
        state=RequestState.APPROVED,
    )
    return JournalEntry.objects.filter(Exists(rounds), pk=entry_id).exists()


def _import(key: int) -> JournalImport:
    rows = JournalImport.objects.select_related("ledger", "created_by__department")
    return rows.get(pk=key)


def _lock_import(key: int) -> object:
    return JournalImport.objects.select_for_update(no_key=True).get(pk=key)


def _waiting(key: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT approvals_import_entries(%s)", [key])
        return [entry for (entry,) in cursor]


def _read_import(key: int) -> ImportFacts:
    journal_import = _import(key)
    with connection.cursor() as cursor:
        cursor.execute(_CONTENT, {"key": key})
        entries, amount, content_hash, policies = cursor.fetchone()
    if not entries:
        raise NothingToDecide
    ledger = journal_import.ledger
    return ImportFacts(
        id=key,
        organization_id=ledger.organization_id,
        ledger=ledger,
        currency_id=ledger.base_currency_id,
        maker=journal_import.created_by,
        policy_id=max(policies, default=None),
        amount=amount,
        content_hash=content_hash,
        policies=tuple(policies),
    )


def _authority_over_import(facts: SubjectFacts, person: User) -> Decimal | None:
    """Return the lowest limit that the policies of the entries give."""
    if not has_permission(person, Permission.ENTRY_APPROVE):
        return NOT_AT_ALL
    policies = (facts.policies if isinstance(facts, ImportFacts) else ()) or (facts.policy_id,)
    limits = [approval_limit_under(person, facts.organization_id, one) for one in policies]
    return min((limit for limit in limits if limit is not None), default=None)


def _approve_import(key: int, actor: User, _reason: str) -> object:
    return mark_import_approved(_import(key), _waiting(key), actor=actor)


def _reject_import(key: int, actor: User, reason: str) -> object:
    return mark_import_drafts(_import(key), _waiting(key), actor=actor, reason=reason)


def _withdraw_import(key: int, actor: User, _reason: str) -> object:
    return mark_import_drafts(_import(key), _waiting(key), actor=actor)


JOURNAL_IMPORT = SubjectService(
    lock=_lock_import,
    read=_read_import,
    permission=Permission.ENTRY_APPROVE,
    authority=_authority_over_import,
    approve=_approve_import,
    reject=_reject_import,
    withdraw=_withdraw_import,
    counterparties=counterparties_of_import,
)
