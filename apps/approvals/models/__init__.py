"""Flows, requests and what people decided.

    ApprovalFlow 1 ──* FlowStep
                 1 ──* ApprovalRequest 1 ──* ApprovalTask       one for each person and step
                                       1 ──* ApprovalDecision   append-only
    Delegation   from one person to another, dated

Amounts are in the base currency of the subject's ledger; None means without limit.
"""

from apps.approvals.models.flows import ApprovalFlow, Delegation, FlowStep
from apps.approvals.models.requests import ApprovalDecision, ApprovalRequest, ApprovalTask

__all__ = [
    "ApprovalDecision",
    "ApprovalFlow",
    "ApprovalRequest",
    "ApprovalTask",
    "Delegation",
    "FlowStep",
]
