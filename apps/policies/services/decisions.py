"""Deciding about a proposal: another person confirms or rejects exactly what was proposed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from apps.core.errors import Forbidden, StaleVersion
from apps.core.operation import operation
from apps.core.rounds import rounds
from apps.core.text import clean_text
from apps.organizations.access import has_permission, require
from apps.organizations.permissions import Permission
from apps.policies.errors import (
    PolicyBeginsInThePast,
    PolicyIsDecided,
    PolicyReasonIsMissing,
    ProposerIsConfirmer,
)
from apps.policies.models import FinancePolicy
from apps.policies.services.current import forget_policies
from apps.policies.services.proposals import POLICY_CHANGE, lock_policies_of, may_begin_on
from apps.policies.words import PolicyState

if TYPE_CHECKING:
    from datetime import date

    from apps.organizations.models import User


def confirm_policy(
    policy: FinancePolicy, *, version: int, actor: User, reason: str = ""
) -> FinancePolicy:
    """Give the actor's approval; it is in force unless a flow asks for more people.

    Raises:
        Forbidden: the actor may not confirm.
        ProposerIsConfirmer: the actor proposed it.
        PolicyIsDecided, StaleVersion: somebody was faster.
        PolicyBeginsInThePast: its first day is over by now.
        FinanceError: its round asks somebody else, or was decided by somebody else.
    """
    require(actor, Permission.POLICY_CONFIRM)
    if policy.proposed_by_id == actor.pk:
        raise ProposerIsConfirmer
    _require_undecided(policy)
    _require_version(policy, version)
    if rounds().approve(POLICY_CHANGE, policy.pk, actor=actor, reason=reason):
        policy.refresh_from_db()
        return policy
    return mark_policy_confirmed(policy, version=version, actor=actor, reason=reason)


def mark_policy_confirmed(
    policy: FinancePolicy, *, version: int, actor: User, reason: str = ""
) -> FinancePolicy:
    """Put a proposal in force from its first day on, until the next confirmed one begins.

    The version before ends the day before. One that would begin the same day is superseded:
    it stays readable for the documents that remember it.

    Raises:
        ProposerIsConfirmer, PolicyIsDecided, StaleVersion, PolicyBeginsInThePast: see
        `confirm_policy`.
    """
    if policy.proposed_by_id == actor.pk:
        raise ProposerIsConfirmer
    with operation("policy.confirm", actor=actor, reason=reason):
        organization = lock_policies_of(policy.organization_id)
        _require_undecided(policy)
        if not may_begin_on(organization, policy.effective_from):
            raise PolicyBeginsInThePast(field="effective_from")
        last_day = _make_room(policy, actor=actor)
        decided = _decide(
            policy,
            PolicyState.CONFIRMED,
            version=version,
            actor=actor,
            reason=reason,
            effective_to=last_day,
        )
        # For the time until the commit is told, of this process and of this transaction.
        forget_policies()
        transaction.on_commit(forget_policies)
    return decided


def reject_policy(
    policy: FinancePolicy, *, version: int, actor: User, reason: str
) -> FinancePolicy:
    """Put a proposal aside; those who confirm may, and who proposed it takes it back.

    Raises:
        Forbidden: the actor may not.
        PolicyReasonIsMissing: there is no reason.
        PolicyIsDecided, StaleVersion: somebody was faster.
        FinanceError: see `confirm_policy`.
    """
    is_own = policy.proposed_by_id == actor.pk
    if not is_own and not has_permission(actor, Permission.POLICY_CONFIRM):
        raise Forbidden
    if not reason.strip():
        raise PolicyReasonIsMissing(field="reason")
    _require_undecided(policy)
    _require_version(policy, version)
    answer = rounds().withdraw if is_own else rounds().reject
    if answer(POLICY_CHANGE, policy.pk, actor=actor, reason=reason):
        policy.refresh_from_db()
        return policy
    return mark_policy_rejected(policy, version=version, actor=actor, reason=reason)


def mark_policy_rejected(
    policy: FinancePolicy, *, version: int, actor: User, reason: str
) -> FinancePolicy:
    """Move a proposal to rejected, whoever decided it.

    Raises:
        PolicyIsDecided, StaleVersion: see `reject_policy`.
    """
    with operation("policy.reject", actor=actor, reason=reason):
        lock_policies_of(policy.organization_id)
        _require_undecided(policy)
        return _decide(
            policy, PolicyState.REJECTED, version=version, actor=actor, reason=reason
        )


def _require_version(policy: FinancePolicy, version: int) -> None:
    if policy.version != version:
        raise StaleVersion(what=policy._meta.verbose_name)


def _require_undecided(policy: FinancePolicy) -> None:
    state = FinancePolicy.objects.values_list("state", flat=True).get(pk=policy.pk)
    if state != PolicyState.PROPOSED:
        raise PolicyIsDecided(state=PolicyState(state).label)


def _make_room(policy: FinancePolicy, *, actor: User) -> date | None:
    """End or supersede the version before; return the day before the version after."""
    confirmed = FinancePolicy.objects.filter(organization=policy.organization).confirmed()
    begins = policy.effective_from
    before = confirmed.in_force_on(begins).first()
    if before is not None and before.effective_from == begins:
        changes = {"state": PolicyState.SUPERSEDED}
        _change(before, actor=actor, reason=f"superseded by v{policy.number}", **changes)
    elif before is not None:
        last_day = begins - timedelta(days=1)
        _change(
            before, actor=actor, reason=f"followed by v{policy.number}", effective_to=last_day
        )
    after = confirmed.filter(effective_from__gt=begins).order_by("effective_from").first()
    return after.effective_from - timedelta(days=1) if after is not None else None


def _change(policy: FinancePolicy, *, actor: User, reason: str, **changes: object) -> None:
    policy.update_versioned(
        actor=actor, reason=reason, expected_version=policy.version, **changes
    )


def _decide(
    policy: FinancePolicy,
    state: PolicyState,
    *,
    version: int,
    actor: User,
    reason: str,
    **changes: object,
) -> FinancePolicy:
    return policy.update_versioned(
        actor=actor,
        reason=reason or state,
        expected_version=version,
        state=state,
        decided_by=actor,
        decided_at=timezone.now(),
        decision_reason=clean_text(reason, field="reason")[:500],
        **changes,
    )
