"""What each role may do: the whole permission matrix, as one table.

Pages show this table to administrators, `access.permission_required` enforces it, and a
test walks every URL against it. Segregation of duties stands beside it: a role pair in
`CONFLICTING_ROLES` can never be held by one person (the database refuses it too), and
maker ≠ checker is checked on every document, whatever the roles say.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    """A duty that a person or a system holds in an organization."""

    ACCOUNTANT = "accountant", _("Accountant")
    SENIOR_ACCOUNTANT = "senior_accountant", _("Senior accountant")
    APPROVER = "approver", _("Approver")
    TREASURY = "treasury", _("Treasury")
    AUDITOR = "auditor", _("Auditor")
    ADMIN = "admin", _("Administrator")
    API_CLIENT = "api_client", _("API client")


class Permission(StrEnum):
    """One thing that can be allowed."""

    LEDGER_VIEW = "ledger_view"
    REPORT_VIEW = "report_view"
    ENTRY_DRAFT = "entry_draft"
    ENTRY_SUBMIT = "entry_submit"
    ENTRY_APPROVE = "entry_approve"
    ENTRY_POST = "entry_post"
    APPROVAL_VIEW = "approval_view"
    ALL_APPROVALS_VIEW = "all_approvals_view"
    APPROVAL_DECIDE = "approval_decide"
    ENTRY_REVERSE = "entry_reverse"
    ITEM_SETTLE = "item_settle"
    LEDGER_CREATE = "ledger_create"
    ACCOUNT_MANAGE = "account_manage"
    BUDGET_MANAGE = "budget_manage"
    STATEMENT_VIEW = "statement_view"
    STATEMENT_IMPORT = "statement_import"
    CHANNEL_MANAGE = "channel_manage"
    RECONCILIATION_VIEW = "reconciliation_view"
    RECONCILIATION_RUN = "reconciliation_run"
    RECONCILIATION_RULES = "reconciliation_rules"
    RECONCILIATION_SIGN = "reconciliation_sign"
    PERIOD_MANAGE = "period_manage"
    PERIOD_REOPEN_APPROVE = "period_reopen_approve"
    RATE_VIEW = "rate_view"
    RATE_MANAGE = "rate_manage"
    RATE_CONFIRM = "rate_confirm"
    POLICY_VIEW = "policy_view"
    POLICY_PROPOSE = "policy_propose"
    POLICY_CONFIRM = "policy_confirm"
    ROLLOUT_VIEW = "rollout_view"
    ROLLOUT_MANAGE = "rollout_manage"
    ORGANIZATION_MANAGE = "organization_manage"
    CREDIT_VIEW = "credit_view"
    CREDIT_CHECK = "credit_check"
    BREAKER_MANAGE = "breaker_manage"
    PEOPLE_VIEW = "people_view"
    PEOPLE_MANAGE = "people_manage"
    AUDIT_VIEW = "audit_view"
    SECURITY_LOG_VIEW = "security_log_view"
    EVENT_VIEW = "event_view"
    EVENT_MANAGE = "event_manage"


PERMISSION_LABELS = {
    Permission.LEDGER_VIEW: _("See ledgers, accounts and journal entries"),
    Permission.REPORT_VIEW: _("See and export reports"),
    Permission.ENTRY_DRAFT: _("Create and edit drafts, import, attach files"),
    Permission.ENTRY_SUBMIT: _("Submit and withdraw own entries"),
    Permission.ENTRY_APPROVE: _("Approve or reject entries of others, up to the own limit"),
    Permission.ENTRY_POST: _("Post approved entries"),
    Permission.APPROVAL_VIEW: _("See requests for approval that one made or is asked about"),
    Permission.ALL_APPROVALS_VIEW: _("See all requests for approval"),
    Permission.APPROVAL_DECIDE: _("Answer requests for approval that one is asked about"),
    Permission.ENTRY_REVERSE: _("Reverse posted entries"),
    Permission.ITEM_SETTLE: _("Settle open items, undo settlements, change due days"),
    Permission.LEDGER_CREATE: _("Open ledgers"),
    Permission.ACCOUNT_MANAGE: _("Change the chart of accounts and dimensions"),
    Permission.BUDGET_MANAGE: _("Write and change budgets"),
    Permission.STATEMENT_VIEW: _("See channels, statements and their lines"),
    Permission.STATEMENT_IMPORT: _("Import statements of banks and payment providers"),
    Permission.CHANNEL_MANAGE: _("Change channels, their partners and mappings"),
    Permission.RECONCILIATION_VIEW: _("See reconciliation runs and what they found"),
    Permission.RECONCILIATION_RUN: _("Start, stop and resume reconciliation runs"),
    Permission.RECONCILIATION_RULES: _("Write and activate matching rules"),
    Permission.RECONCILIATION_SIGN: _("Sign off reconciliations that others prepared"),
    Permission.PERIOD_MANAGE: _("Open and close periods, ask to reopen them"),
    Permission.PERIOD_REOPEN_APPROVE: _("Decide whether others may reopen a period"),
    Permission.RATE_VIEW: _("See exchange rates and convert amounts"),
    Permission.RATE_MANAGE: _("Enter and import exchange rates"),
    Permission.RATE_CONFIRM: _("Confirm or reject exchange rates of others"),
    Permission.POLICY_VIEW: _("See finance policies"),
    Permission.POLICY_PROPOSE: _("Propose finance policies"),
    Permission.POLICY_CONFIRM: _("Confirm or reject finance policies of others"),
    Permission.ROLLOUT_VIEW: _("See gradual rollouts, their history and figures"),
    Permission.ROLLOUT_MANAGE: _("Change, stop and start gradual rollouts"),
    Permission.ORGANIZATION_MANAGE: _("Add and change legal entities and departments"),
    Permission.CREDIT_VIEW: _("See credit checks and the breaker before the bureau"),
    Permission.CREDIT_CHECK: _("Check the credit of a counterparty"),
    Permission.BREAKER_MANAGE: _("Force the breaker open, and reset it"),
    Permission.PEOPLE_VIEW: _("See legal entities, departments, people, roles and this table"),
    Permission.PEOPLE_MANAGE: _("Add people, give and take roles (never the own ones)"),
    Permission.AUDIT_VIEW: _("See the whole audit trail"),
    Permission.SECURITY_LOG_VIEW: _("See security events of the audit trail"),
    Permission.EVENT_VIEW: _("See events, and what could not be delivered"),
    Permission.EVENT_MANAGE: _("Have events delivered again, or discard them"),
}

_A, _S, _P, _T, _U, _D, _C = Role
MATRIX: dict[Permission, frozenset[Role]] = {
    Permission.LEDGER_VIEW: frozenset({_A, _S, _P, _T, _U, _C}),
    Permission.REPORT_VIEW: frozenset({_A, _S, _P, _T, _U, _C}),
    Permission.ENTRY_DRAFT: frozenset({_A, _S, _C}),
    Permission.ENTRY_SUBMIT: frozenset({_A, _S, _C}),
    Permission.ENTRY_APPROVE: frozenset({_S, _P}),
    Permission.ENTRY_POST: frozenset({_S}),
    Permission.APPROVAL_VIEW: frozenset({_A, _S, _P, _T, _U, _C}),
    Permission.ALL_APPROVALS_VIEW: frozenset({_S, _U}),
    Permission.APPROVAL_DECIDE: frozenset({_S, _P, _T}),
    Permission.ENTRY_REVERSE: frozenset({_S}),
    Permission.ITEM_SETTLE: frozenset({_A, _S}),
    Permission.LEDGER_CREATE: frozenset({_S}),
    Permission.ACCOUNT_MANAGE: frozenset({_S}),
    Permission.BUDGET_MANAGE: frozenset({_S}),
    Permission.STATEMENT_VIEW: frozenset({_A, _S, _P, _T, _U, _C}),
    Permission.STATEMENT_IMPORT: frozenset({_A, _S, _T}),
    Permission.CHANNEL_MANAGE: frozenset({_S, _T}),
    Permission.RECONCILIATION_VIEW: frozenset({_A, _S, _P, _T, _U, _C}),
    Permission.RECONCILIATION_RUN: frozenset({_A, _S, _T}),
    Permission.RECONCILIATION_RULES: frozenset({_S, _T}),
    Permission.RECONCILIATION_SIGN: frozenset({_S, _P}),
    Permission.PERIOD_MANAGE: frozenset({_S}),
    Permission.PERIOD_REOPEN_APPROVE: frozenset({_S, _P}),
    Permission.RATE_VIEW: frozenset({_A, _S, _P, _T, _U, _C}),
    Permission.RATE_MANAGE: frozenset({_T}),
    Permission.RATE_CONFIRM: frozenset({_S, _T}),
    Permission.POLICY_VIEW: frozenset(Role),
    Permission.POLICY_PROPOSE: frozenset({_S}),
    Permission.POLICY_CONFIRM: frozenset({_S, _P}),
    Permission.ROLLOUT_VIEW: frozenset({_U, _D}),
    Permission.ROLLOUT_MANAGE: frozenset({_D}),
    Permission.ORGANIZATION_MANAGE: frozenset({_D}),
    Permission.CREDIT_VIEW: frozenset({_S, _P, _T, _U, _D}),
    Permission.CREDIT_CHECK: frozenset({_S, _P, _T}),
    Permission.BREAKER_MANAGE: frozenset({_D}),
    Permission.PEOPLE_VIEW: frozenset({_U, _D}),
    Permission.PEOPLE_MANAGE: frozenset({_D}),
    Permission.AUDIT_VIEW: frozenset({_U}),
    Permission.SECURITY_LOG_VIEW: frozenset({_U, _D}),
    Permission.EVENT_VIEW: frozenset({_U, _D}),
    Permission.EVENT_MANAGE: frozenset({_D}),
}

# The administrator holds no duty in the books, and the auditor none but reading.
CONFLICTING_ROLES: frozenset[frozenset[Role]] = frozenset(
    frozenset({single, other})
    for single in (Role.ADMIN, Role.AUDITOR)
    for other in Role
    if other != single
)

# What a role may approve unless its assignment says otherwise, in the ledger's base
# currency; None is without limit.
DEFAULT_APPROVAL_LIMITS: dict[Role, Decimal | None] = {
    Role.SENIOR_ACCOUNTANT: Decimal(500_000),
    Role.APPROVER: None,
}
