"""Delegations: a person has another one decide for some days, and may end that at any time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone

from apps.approvals.domain.chains import Chain, ChainEnd, chains_from, chains_over
from apps.approvals.domain.people import Handover
from apps.approvals.errors import BadDelegation
from apps.approvals.models import Delegation
from apps.approvals.words import DelegationState
from apps.core.errors import Forbidden
from apps.core.operation import operation
from apps.core.text import clean_text
from apps.organizations.access import has_permission
from apps.organizations.models import User
from apps.organizations.permissions import Permission

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal


@dataclass(frozen=True, slots=True)
class ChainOfPeople:
    """A chain with its people instead of their keys."""

    chain: Chain
    people: tuple[User, ...]

    @property
    def asked(self) -> User:
        """Whose tasks they are."""
        return self.people[0]

    @property
    def last(self) -> User:
        """Who stands at the end."""
        return self.people[-1]

    @property
    def last_who_decides(self) -> User:
        """Who stands at the end of what still counts."""
        return self.people[-1 if self.chain.end == ChainEnd.REACHES else -2]


def delegate(
    taker: User,
    days: tuple[date, date],
    *,
    actor: User,
    limit: Decimal | None = None,
    reason: str = "",
) -> Delegation:
    """Have a colleague decide for the actor from the first to the last of the days.

    The colleague's own roles and limits hold as before.

    Raises:
        BadDelegation: to oneself, to a stranger, or for days in the wrong order or past.
    """
    starts_on, ends_on = days
    is_colleague = taker.organization_id == actor.organization_id and taker.is_active
    if taker.pk == actor.pk or not is_colleague or (limit is not None and limit < 0):
        raise BadDelegation
    if not max(starts_on, timezone.localdate()) <= ends_on:
        raise BadDelegation(field="ends_on")
    reason = clean_text(reason, field="reason")[:500]
    row = Delegation(
        organization_id=taker.organization_id or 0,
        giver=actor,
        taker=taker,
        starts_on=starts_on,
        ends_on=ends_on,
        limit=limit,
        # `create_versioned` would take it for the reason of the history alone.
        reason=reason,
    )
    with operation("delegation.create", actor=actor, reason=reason):
        return Delegation.create_many_versioned([row], actor=actor, reason="delegate")[0]


def revoke_delegation(delegation: Delegation, *, version: int, actor: User) -> Delegation:
    """End a delegation now; what was decided by it stays decided.

    Whoever manages people may end those of others too: a giver may have left.

    Raises:
        Forbidden: somebody else gave it.
        StaleVersion: it was revoked already.
    """
    if not may_revoke(delegation, actor):
        raise Forbidden
    with operation("delegation.revoke", actor=actor):
        return delegation.update_versioned(
            actor=actor,
            reason="revoke",
            expected_version=version,
            revoked_at=timezone.now(),
        )


def may_revoke(delegation: Delegation, actor: User) -> bool:
    """Say whether the actor gave it, or manages the people of the organization."""
    if delegation.giver_id == actor.pk:
        return True
    is_at_home = delegation.organization_id == actor.organization_id
    return is_at_home and has_permission(actor, Permission.PEOPLE_MANAGE)


def chains_of(
    taker: User, days: tuple[date, date], *, actor: User, limit: Decimal | None = None
) -> list[ChainOfPeople]:
    """Return to whom else a delegation of the actor would lead, for whom, and where it ends."""
    starts_on, ends_on = days
    if taker.pk == actor.pk or starts_on > ends_on:
        return []
    rows = Delegation.objects.filter(
        organization=actor.organization_id, revoked_at=None, ends_on__gte=starts_on
    )
    new = Handover(actor.pk, taker.pk, starts_on, ends_on, limit)
    chains = chains_over(new, [row.facts() for row in rows.filter(starts_on__lte=ends_on)])
    return with_people(chains)


def with_people(chains: Iterable[Chain]) -> list[ChainOfPeople]:
    """Return chains with their people, read in one statement."""
    chains = list(chains)
    keys = {key for chain in chains for key in chain.people}
    people = User.objects.in_bulk(keys) if keys else {}
    return [ChainOfPeople(one, tuple(people[key] for key in one.people)) for one in chains]


def chains_into(person: User, day: date) -> list[ChainOfPeople]:
    """Return the chains by which a person decides for others on a day, the short ones first."""
    rows = Delegation.objects.filter(organization=person.organization_id).in_force_on(day)
    known = [row.facts() for row in rows]
    chains = [
        chain
        for giver in sorted({one.giver for one in known} - {person.pk})
        for chain in chains_from(giver, known)
        if chain.last == person.pk and chain.end == ChainEnd.REACHES
    ]
    return with_people(sorted(chains, key=lambda chain: len(chain.people)))


def state_of(delegation: Delegation, day: date) -> DelegationState:
    """Say where a delegation stands on a day."""
    if delegation.revoked_at is not None:
        return DelegationState.REVOKED
    if delegation.starts_on > day:
        return DelegationState.PLANNED
    return DelegationState.ACTIVE if delegation.ends_on >= day else DelegationState.OVER
