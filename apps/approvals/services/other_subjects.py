"""Subjects that are no entries: reopenings of periods, policies, manual rates, settlements.

What has no amount counts as zero, so that every band from zero on and every limit covers it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from apps.approvals.errors import CannotBeWithdrawn
from apps.approvals.services.subject_facts import NOT_AT_ALL, SubjectFacts, SubjectService
from apps.fx.errors import RateIsDecided
from apps.fx.models import ExchangeRate, RateState
from apps.fx.services.rates import mark_confirmed as mark_rate_confirmed
from apps.fx.services.rates import mark_rejected as mark_rate_rejected
from apps.ledgers.closing_errors import NotWaiting
from apps.ledgers.item_errors import SettlementIsDecided
from apps.ledgers.models import ReopenRequest, SettlementProposal
from apps.ledgers.services.closing.reopen import (
    mark_reopened,
    mark_reopening_rejected,
    mark_reopening_withdrawn,
)
from apps.ledgers.services.entry_policy import approval_limit_under
from apps.ledgers.services.settlement_decisions import (
    mark_rejected,
    mark_settled,
    mark_withdrawn,
)
from apps.ledgers.services.settlement_proposals import content_of_proposal
from apps.organizations.access import has_permission
from apps.organizations.models import LegalEntity
from apps.organizations.permissions import Permission
from apps.policies.errors import PolicyIsDecided
from apps.policies.models import FinancePolicy, columns_of
from apps.policies.services.decisions import mark_policy_confirmed, mark_policy_rejected
from apps.policies.services.proposals import lock_policies_of
from apps.policies.words import PolicyState

if TYPE_CHECKING:
    from apps.organizations.models import User

_NOTHING = Decimal(0)
# Names the zero of an organization without a company.
_ANY_CURRENCY = "CNY"


def _hash_of(*content: Any) -> str:
    return hashlib.sha256(json.dumps(content, default=str).encode()).hexdigest()


def _holds(permission: Permission) -> Callable[[SubjectFacts, User], Decimal | None]:
    """Return the authority of everybody who has a permission, without a limit."""

    def authority(_facts: SubjectFacts, person: User) -> Decimal | None:
        return None if has_permission(person, permission) else NOT_AT_ALL

    return authority


def _reopening(key: int) -> ReopenRequest:
    rows = ReopenRequest.objects.select_related("period__ledger", "requested_by__department")
    return rows.get(pk=key)


def _lock_reopening(key: int) -> object:
    return ReopenRequest.objects.select_for_update(no_key=True).get(pk=key)


def _read_reopening(key: int) -> SubjectFacts:
    asked = _reopening(key)
    if asked.state != ReopenRequest.State.WAITING:
        raise NotWaiting(state=asked.get_state_display())
    ledger = asked.period.ledger
    return SubjectFacts(
        id=key,
        organization_id=ledger.organization_id,
        ledger=ledger,
        currency_id=ledger.base_currency_id,
        maker=asked.requested_by,
        policy_id=None,
        amount=_NOTHING,
        content_hash=_hash_of(asked.run_id, asked.reason, asked.period.version),
    )


PERIOD_REOPEN = SubjectService(
    lock=_lock_reopening,
    read=_read_reopening,
    permission=Permission.PERIOD_REOPEN_APPROVE,
    authority=_holds(Permission.PERIOD_REOPEN_APPROVE),
    approve=lambda key, actor, why: mark_reopened(_reopening(key), actor=actor, note=why),
    reject=lambda key, actor, why: mark_reopening_rejected(
        _reopening(key), actor=actor, note=why
    ),
    withdraw=lambda key, actor, _why: mark_reopening_withdrawn(_reopening(key), actor=actor),
)


def _policy(key: int) -> FinancePolicy:
    return FinancePolicy.objects.select_related("proposed_by__department").get(pk=key)


def _lock_policy(key: int) -> object:
    return lock_policies_of(_policy(key).organization_id)


def _read_policy(key: int) -> SubjectFacts:
    policy = _policy(key)
    if policy.state != PolicyState.PROPOSED:
        raise PolicyIsDecided(state=policy.get_state_display())
    content = columns_of(policy.content())
    companies = LegalEntity.objects.filter(organization=policy.organization_id).order_by("pk")
    currency = companies.values_list("functional_currency", flat=True).first()
    return SubjectFacts(
        id=key,
        organization_id=policy.organization_id,
        ledger=None,
        currency_id=currency or _ANY_CURRENCY,
        maker=policy.proposed_by,
        policy_id=None,
        amount=_NOTHING,
        content_hash=_hash_of(policy.effective_from, sorted(content.items())),
    )


def _approve_policy(key: int, actor: User, reason: str) -> object:
    policy = _policy(key)
    return mark_policy_confirmed(policy, version=policy.version, actor=actor, reason=reason)


def _reject_policy(key: int, actor: User, reason: str) -> object:
    policy = _policy(key)
    return mark_policy_rejected(policy, version=policy.version, actor=actor, reason=reason)


POLICY_CHANGE = SubjectService(
    lock=_lock_policy,
    read=_read_policy,
    permission=Permission.POLICY_CONFIRM,
    authority=_holds(Permission.POLICY_CONFIRM),
    approve=_approve_policy,
    reject=_reject_policy,
    withdraw=_reject_policy,
)


def _rate(key: int) -> ExchangeRate:
    return ExchangeRate.objects.select_related("entered_by__department").get(pk=key)


def _lock_rate(key: int) -> object:
    return ExchangeRate.objects.select_for_update(no_key=True).get(pk=key)


def _read_rate(key: int) -> SubjectFacts:
    rate = _rate(key)
    if rate.state != RateState.WAITING or rate.entered_by is None or not rate.organization_id:
        raise RateIsDecided
    figures = (rate.rate_type, rate.from_currency, rate.to_currency, rate.per, rate.rate)
    return SubjectFacts(
        id=key,
        organization_id=rate.organization_id,
        ledger=None,
        currency_id=rate.to_currency,
        maker=rate.entered_by,
        policy_id=None,
        amount=_NOTHING,
        content_hash=_hash_of(*figures, rate.valid_from, rate.revision, rate.note),
    )


def _approve_rate(key: int, actor: User, _reason: str) -> object:
    rate = _rate(key)
    return mark_rate_confirmed(rate, version=rate.version, actor=actor)


def _reject_rate(key: int, actor: User, reason: str) -> object:
    rate = _rate(key)
    return mark_rate_rejected(rate, version=rate.version, actor=actor, reason=reason)


def _keep_rate(_key: int, _actor: User, _reason: str) -> object:
    raise CannotBeWithdrawn


MANUAL_RATE = SubjectService(
    lock=_lock_rate,
    read=_read_rate,
    permission=Permission.RATE_CONFIRM,
    authority=_holds(Permission.RATE_CONFIRM),
    approve=_approve_rate,
    reject=_reject_rate,
    withdraw=_keep_rate,
)


def _proposal(key: int) -> SettlementProposal:
    rows = SettlementProposal.objects.select_related("ledger", "proposed_by__department")
    return rows.get(pk=key)


def _lock_proposal(key: int) -> object:
    return SettlementProposal.objects.select_for_update(no_key=True).get(pk=key)


def _read_proposal(key: int) -> SubjectFacts:
    proposal = _proposal(key)
    if proposal.state != SettlementProposal.State.WAITING:
        raise SettlementIsDecided(state=proposal.get_state_display())
    return SubjectFacts(
        id=key,
        organization_id=proposal.ledger.organization_id,
        ledger=proposal.ledger,
        currency_id=proposal.ledger.base_currency_id,
        maker=proposal.proposed_by,
        policy_id=proposal.policy_id,
        amount=proposal.base_amount,
        content_hash=_hash_of(*content_of_proposal(proposal)),
    )


def _authority_over_settlement(facts: SubjectFacts, person: User) -> Decimal | None:
    if not has_permission(person, Permission.ENTRY_APPROVE):
        return NOT_AT_ALL
    return approval_limit_under(person, facts.organization_id, facts.policy_id)


def _settle(key: int, actor: User, _reason: str) -> object:
    proposal = _proposal(key)
    return mark_settled(proposal, version=proposal.version, actor=actor)


def _reject_settlement(key: int, actor: User, reason: str) -> object:
    proposal = _proposal(key)
    return mark_rejected(proposal, version=proposal.version, actor=actor, reason=reason)


def _withdraw_settlement(key: int, actor: User, _reason: str) -> object:
    proposal = _proposal(key)
    return mark_withdrawn(proposal, version=proposal.version, actor=actor)


SETTLEMENT = SubjectService(
    lock=_lock_proposal,
    read=_read_proposal,
    permission=Permission.ENTRY_APPROVE,
    authority=_authority_over_settlement,
    approve=_settle,
    reject=_reject_settlement,
    withdraw=_withdraw_settlement,
)
