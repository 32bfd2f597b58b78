"""Flows, requests and what people decided.

    ApprovalFlow 1 ──* FlowStep
                 1 ──* ApprovalRequest 1 ──* ApprovalTask       one for each person and step
                                       1 ──* ApprovalDecision   append-only
                                       1 ──* RequestComment, RequestAttachment   append-only
                                       1 ──* CreditFinding      append-only
    Delegation   from one person to another, dated
    SavedFilter, DigestPreference, DigestMail   what one person keeps
    RequestView  what a person last saw of a subject
    DecisionBatch 1 ──* BatchItem   tasks that one press answers

Amounts are in the base currency of the subject's ledger; None means without limit.
"""

from apps.approvals.models.batches import BatchItem, DecisionBatch
from apps.approvals.models.findings import CreditFinding
from apps.approvals.models.flows import ApprovalFlow, Delegation, FlowStep
from apps.approvals.models.personal import DigestMail, DigestPreference, SavedFilter
from apps.approvals.models.requests import ApprovalDecision, ApprovalRequest, ApprovalTask
from apps.approvals.models.seen import RequestView
from apps.approvals.models.talk import RequestAttachment, RequestComment

__all__ = [
    "ApprovalDecision",
    "ApprovalFlow",
    "ApprovalRequest",
    "ApprovalTask",
    "BatchItem",
    "CreditFinding",
    "DecisionBatch",
    "Delegation",
    "DigestMail",
    "DigestPreference",
    "FlowStep",
    "RequestAttachment",
    "RequestComment",
    "RequestView",
    "SavedFilter",
]
