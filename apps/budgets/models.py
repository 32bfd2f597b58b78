"""Budgets, what entries take of them, and the totals.

    Budget 1 ── 1 BudgetTotal          spent and reserved, changed by deltas
           1 ──* BudgetUse *── 1 JournalEntry

Amounts are in the base currency of the ledger, debits positive: a reversal gives money back.
PostgreSQL writes uses and totals beside every change of an entry's state, whoever makes it.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from apps.core.models import VersionedModel


def amount_field(label: Any, **options: Any) -> models.DecimalField[Any, Any]:
    """Return a column of an amount in a base currency."""
    return models.DecimalField(label, max_digits=20, decimal_places=4, **options)


class Budget(VersionedModel):
    """What may be spent on an account, for a dimension value, or both, from day to day.

    An account stands for all below it. A dimension value alone stands for its expenses. What a
    budget is about never changes: write another one.
    """

    organization = models.ForeignKey(
        "organizations.Organization", models.PROTECT, related_name="budgets"
    )
    ledger = models.ForeignKey("ledgers.Ledger", models.PROTECT, related_name="budgets")
    name = models.CharField(_("name"), max_length=120)
    account = models.ForeignKey(
        "ledgers.Account",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("account"),
    )
    dimension_value = models.ForeignKey(
        "ledgers.DimensionValue",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("dimension value"),
    )
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    amount = amount_field(_("amount"))
    currency = models.ForeignKey("organizations.Currency", models.PROTECT, related_name="+")
    # What would go over a hard one cannot be submitted; of others people are told.
    is_hard = models.BooleanField(_("refuse what goes over it"), default=False)
    is_active = models.BooleanField(_("in force"), default=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("budget")
        ordering = ("-ends_on", "name", "pk")
        constraints = (
            models.CheckConstraint(condition=Q(amount__gt=0), name="budget_is_of_some_money"),
            models.CheckConstraint(
                condition=Q(starts_on__lte=F("ends_on")), name="budget_begins_before_it_ends"
            ),
            models.CheckConstraint(
                condition=Q(account__isnull=False) | Q(dimension_value__isnull=False),
                name="budget_is_about_something",
            ),
        )
        indexes = (
            models.Index(
                fields=("ledger", "starts_on", "ends_on"), name="budget_by_ledger_and_day"
            ),
        )

    def __str__(self) -> str:
        """Return the name."""
        return self.name


class BudgetTotal(models.Model):
    """What is spent and reserved of a budget; written by PostgreSQL alone."""

    budget = models.OneToOneField(
        Budget, models.PROTECT, primary_key=True, related_name="total"
    )
    spent = amount_field(_("spent"), default=Decimal(0))
    reserved = amount_field(_("reserved"), default=Decimal(0))
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("total of a budget")

    def __str__(self) -> str:
        """Return the key of the budget."""
        return str(self.budget_id)


class Phase(models.TextChoices):
    """How far the money of an entry is."""

    RESERVED = "reserved", _("reserved")
    SPENT = "spent", _("spent")
    RELEASED = "released", _("released")


class BudgetUse(models.Model):
    """What one entry takes of one budget; written by PostgreSQL alone.

    A negative amount that is reserved frees nothing before it is posted.
    """

    budget = models.ForeignKey(Budget, models.PROTECT, related_name="uses")
    entry = models.ForeignKey(
        "ledgers.JournalEntry", models.PROTECT, related_name="budget_uses"
    )
    phase = models.CharField(_("phase"), max_length=8, choices=Phase)
    amount = amount_field(_("amount"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("use of a budget")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("budget", "entry"), name="budget_is_used_once_by_an_entry"
            ),
        )

    def __str__(self) -> str:
        """Return which entry takes of which budget."""
        return f"{self.budget_id}: {self.entry_id}"
