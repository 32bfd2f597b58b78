"""Who sees budgets: whoever may see the ledgers of the organization."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import get_object_or_404

from apps.budgets.models import Budget, BudgetUse, Phase
from apps.organizations.access import tenant_of

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from apps.ledgers.models import Ledger
    from apps.organizations.models import User


def budgets_for(user: User) -> QuerySet[Budget]:
    """Return the budgets of the user's organization with their totals."""
    rows = Budget.objects.filter(organization=tenant_of(user))
    return rows.select_related("ledger", "account", "dimension_value__type", "total")


def get_budget_for(user: User, ledger: Ledger, pk: int) -> Budget:
    """Return a budget of one of the user's ledgers."""
    return get_object_or_404(budgets_for(user), ledger=ledger, pk=pk)


def uses_of(budget: Budget) -> QuerySet[BudgetUse]:
    """Return what entries take of a budget that was fetched for its reader, newest first."""
    rows = BudgetUse.objects.filter(budget=budget).exclude(phase=Phase.RELEASED)
    return rows.exclude(amount=0).select_related("entry__ledger", "entry__maker")
