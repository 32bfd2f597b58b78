"""The people and dimensions that large books have beside their accounts."""

from __future__ import annotations

from dataclasses import dataclass

from apps.core.operation import operation
from apps.ledgers.models import Account, DimensionSet, DimensionType, Ledger
from apps.ledgers.services.dimensions import create_dimension_value, intern_dimension_set
from apps.organizations.models import RoleAssignment, User
from apps.organizations.permissions import Role
from apps.organizations.services.people import create_user, grant_role

CLERKS = 12
CUSTOMERS = 60
SETS_OF_AN_ACCOUNT = 12
# One account in five is kept by customer.
_EVERY = 5


@dataclass(frozen=True, slots=True)
class People:
    """Keys of those who make, check and post; no maker checks."""

    makers: list[int]
    checkers: list[int]
    posters: list[int]


def people_of(ledger: Ledger) -> People:
    """Return who works in the ledger's organization, by what they may do."""
    makers = _holders(ledger, Role.ACCOUNTANT)
    checkers = [key for key in _holders(ledger, Role.APPROVER) if key not in makers]
    posters = _holders(ledger, Role.SENIOR_ACCOUNTANT) or checkers
    return People(makers, checkers, posters)


def add_crowd(ledger: Ledger, actor: User) -> None:
    """Give a benchmark's organization clerks and customers, unless it has them."""
    if DimensionSet.objects.filter(organization=ledger.organization_id).exists():
        return
    for number in range(CLERKS):
        clerk = create_user(
            actor=actor,
            organization=ledger.organization,
            username=f"{ledger.code}-clerk-{number}",
            password=None,
        )
        grant_role(clerk, Role.ACCOUNTANT, actor=actor)
    with operation("bench.prepare", actor=actor):
        kind = DimensionType.create_versioned(
            actor=actor, organization=ledger.organization, code="customer", name="Customer"
        )
        for number in range(CUSTOMERS):
            value = create_dimension_value(
                kind, code=f"C{number:03}", name=f"Customer {number}", actor=actor
            )
            intern_dimension_set([value])


def sets_of_accounts(ledger: Ledger, accounts: list[Account]) -> dict[int, list[int]]:
    """Return which dimension sets an account's lines carry: those it requires, or some."""
    sets = list(
        DimensionSet.objects.filter(organization=ledger.organization_id).values_list(
            "pk", "type_ids"
        )
    )
    chosen = {}
    for place, account in enumerate(accounts):
        required = set(account.required_dimension_ids)
        fitting = [pk for pk, types in sets if required <= set(types)]
        if fitting and (required or place % _EVERY == _EVERY - 1):
            start = place * 7 % len(fitting)
            chosen[account.pk] = (fitting + fitting)[start : start + SETS_OF_AN_ACCOUNT]
    return chosen


def _holders(ledger: Ledger, role: Role) -> list[int]:
    held = RoleAssignment.objects.of_roles([role]).filter(
        user__organization=ledger.organization_id
    )
    return list(held.order_by("user").values_list("user", flat=True))
