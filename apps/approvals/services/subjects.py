"""What can be approved: for each kind the functions that read it and carry a verdict out.

A kind is added as one row of SUBJECTS. Its functions take the key of the subject; `lock`
takes the lock of its row, always before the row of the request, so that a decision and a change
of the subject wait for each other and never in a circle.
"""

from __future__ import annotations

from types import MappingProxyType

from apps.approvals.services.entry_subjects import ENTRY, REVERSAL
from apps.approvals.services.import_subjects import JOURNAL_IMPORT
from apps.approvals.services.other_subjects import (
    MANUAL_RATE,
    PERIOD_REOPEN,
    POLICY_CHANGE,
    SETTLEMENT,
)
from apps.approvals.services.subject_facts import (
    NOT_AT_ALL,
    SubjectFacts,
    SubjectService,
    is_within,
)
from apps.approvals.words import SubjectKind

__all__ = [
    "NOT_AT_ALL",
    "SUBJECTS",
    "SubjectFacts",
    "SubjectService",
    "is_within",
    "subject_service",
]

SUBJECTS = MappingProxyType({
    SubjectKind.JOURNAL_ENTRY: ENTRY,
    SubjectKind.REVERSAL: REVERSAL,
    SubjectKind.WRITE_OFF: ENTRY,
    SubjectKind.TRANSFER: ENTRY,
    SubjectKind.PERIOD_REOPEN: PERIOD_REOPEN,
    SubjectKind.POLICY_CHANGE: POLICY_CHANGE,
    SubjectKind.MANUAL_RATE: MANUAL_RATE,
    SubjectKind.SETTLEMENT: SETTLEMENT,
    SubjectKind.JOURNAL_IMPORT: JOURNAL_IMPORT,
})  # fmt: skip


def subject_service(kind: str) -> SubjectService:
    """Return the functions of a kind."""
    return SUBJECTS[SubjectKind(kind)]
