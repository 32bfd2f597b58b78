"""Budgets are written, and changed in terms; never in what they are about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from apps.budgets.errors import (
    BudgetAmountOutOfRange,
    BudgetEndsTooEarly,
    BudgetHasNoName,
    BudgetIsAboutNothing,
    BudgetOfOthers,
)
from apps.budgets.models import Budget
from apps.core.errors import Forbidden
from apps.core.money import has_scale_of
from apps.core.operation import operation
from apps.core.text import clean_text
from apps.organizations.access import require
from apps.organizations.permissions import Permission

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from apps.ledgers.models import Account, DimensionValue, Ledger
    from apps.organizations.models import User

_LONGEST = 120


@dataclass(frozen=True, slots=True)
class Terms:
    """What may change of a budget; the amount is in the base currency of the ledger."""

    name: str
    amount: Decimal
    is_hard: bool = False
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class About:
    """What a budget is about: an account with all below it, a dimension value, or both."""

    starts_on: date
    ends_on: date
    account: Account | None = None
    dimension_value: DimensionValue | None = None


def create_budget(ledger: Ledger, about: About, terms: Terms, *, actor: User) -> Budget:
    """Write a budget; what entries of its days took before counts at once.

    Raises:
        Forbidden: the actor may not manage budgets, or not of this organization.
        BudgetIsAboutNothing, BudgetOfOthers, BudgetEndsTooEarly: see there.
        BudgetHasNoName, BudgetAmountOutOfRange: see there.
    """
    require(actor, Permission.BUDGET_MANAGE)
    if actor.organization_id != ledger.organization_id:
        raise Forbidden
    _check_about(ledger, about)
    terms = _clean(terms, ledger.base_currency_id)
    with operation("budget.create", actor=actor):
        return Budget.create_versioned(
            actor=actor,
            reason="create",
            organization_id=ledger.organization_id,
            ledger=ledger,
            currency_id=ledger.base_currency_id,
            account=about.account,
            dimension_value=about.dimension_value,
            starts_on=about.starts_on,
            ends_on=about.ends_on,
            name=terms.name,
            amount=terms.amount,
            is_hard=terms.is_hard,
            is_active=terms.is_active,
        )


def change_budget(
    budget: Budget, terms: Terms, *, version: int, actor: User, reason: str = ""
) -> Budget:
    """Change the terms; what is reserved already stays, even where it is too much now.

    Raises:
        Forbidden: the actor may not manage budgets, or not of this organization.
        BudgetHasNoName, BudgetAmountOutOfRange: see there.
        StaleVersion: somebody else changed it first.
    """
    require(actor, Permission.BUDGET_MANAGE)
    if actor.organization_id != budget.organization_id:
        raise Forbidden
    terms = _clean(terms, budget.currency_id)
    reason = clean_text(reason, field="reason")[:500]
    with operation("budget.change", actor=actor, reason=reason):
        return budget.update_versioned(
            actor=actor,
            reason=reason or "change",
            expected_version=version,
            name=terms.name,
            amount=terms.amount,
            is_hard=terms.is_hard,
            is_active=terms.is_active,
        )


def _check_about(ledger: Ledger, about: About) -> None:
    account, value = about.account, about.dimension_value
    if account is None and value is None:
        raise BudgetIsAboutNothing(field="account")
    if account is not None and account.chart_id != ledger.chart_id:
        raise BudgetOfOthers(field="account")
    if value is not None and value.organization_id != ledger.organization_id:
        raise BudgetOfOthers(field="dimension_value")
    if about.ends_on < about.starts_on:
        raise BudgetEndsTooEarly(field="ends_on")


def _clean(terms: Terms, currency: str) -> Terms:
    name = clean_text(terms.name, field="name").strip()[:_LONGEST]
    if not name:
        raise BudgetHasNoName(field="name")
    amount = terms.amount
    if not (amount.is_finite() and 0 < amount < 10**15 and has_scale_of(amount, currency)):
        raise BudgetAmountOutOfRange(field="amount", currency=currency)
    return Terms(name, amount, is_hard=terms.is_hard, is_active=terms.is_active)
