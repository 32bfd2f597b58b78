"""Finance policies, by version.

    Organization 1 ──* FinancePolicy      number 1, 2, 3 … in the order of proposal

    proposed → confirmed → superseded     (superseded: another one replaced it on its first day)
            ↘ rejected

What a version decides never changes, from the moment it is proposed: another person confirms
exactly what was proposed. A confirmed version is in force from `effective_from` until the day
before the next one; `effective_to`, set when the successor is confirmed, says which day that
is. The confirmed versions of an organization never overlap.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from apps.core.models import VersionedModel
from apps.core.rounding import RoundingMode
from apps.organizations.permissions import Role
from apps.policies.domain.facts import PolicyContent, PolicyFacts
from apps.policies.words import (
    FxMethod,
    InvoiceKind,
    PolicySource,
    PolicyState,
    ProfitTransfer,
    ReversalStyle,
    Rounding,
)

if TYPE_CHECKING:
    from typing import Any

# Versions that count, or counted, for some day.
CONFIRMED_ONCE = (PolicyState.CONFIRMED, PolicyState.SUPERSEDED)


class FinancePolicyQuerySet(models.QuerySet["FinancePolicy"]):
    """Reads of finance policies."""

    def confirmed(self) -> FinancePolicyQuerySet:
        """Return the versions that count."""
        return self.filter(state=PolicyState.CONFIRMED)

    def confirmed_once(self) -> FinancePolicyQuerySet:
        """Return the versions that count or counted; documents may remember any of them."""
        return self.filter(state__in=CONFIRMED_ONCE)

    def waiting(self) -> FinancePolicyQuerySet:
        """Return proposals without a decision."""
        return self.filter(state=PolicyState.PROPOSED)

    def in_force_on(self, day: date) -> FinancePolicyQuerySet:
        """Return the version of a day."""
        ends_later = Q(effective_to=None) | Q(effective_to__gte=day)
        return self.confirmed().filter(ends_later, effective_from__lte=day)


def _rate(label: Any, **options: Any) -> models.DecimalField[Any, Any]:
    return models.DecimalField(label, max_digits=7, decimal_places=6, **options)


def _limit(label: Any) -> models.DecimalField[Any, Any]:
    return models.DecimalField(
        label,
        max_digits=20,
        decimal_places=4,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )


class FinancePolicy(VersionedModel):
    """One version of an organization's policy."""

    organization = models.ForeignKey(
        "organizations.Organization", models.PROTECT, related_name="policies"
    )
    number = models.PositiveIntegerField(_("number"))
    state = models.CharField(
        _("state"), max_length=10, choices=PolicyState, default=PolicyState.PROPOSED
    )
    effective_from = models.DateField(_("in force from"))
    effective_to = models.DateField(_("in force until"), null=True, blank=True)

    tax_rate = _rate(_("tax rate"))
    special_tax_rate = _rate(_("tax rate of special VAT invoices"), null=True, blank=True)
    ordinary_tax_rate = _rate(_("tax rate of ordinary VAT invoices"), null=True, blank=True)
    invoice_kinds = ArrayField(
        models.CharField(max_length=8, choices=InvoiceKind), verbose_name=_("invoice kinds")
    )
    rounding_mode = models.CharField(_("rounding mode"), max_length=9, choices=Rounding)
    payment_terms = ArrayField(
        models.PositiveSmallIntegerField(), verbose_name=_("payment terms in days")
    )
    default_payment_term = models.PositiveSmallIntegerField(_("usual payment term"))
    fx_method = models.CharField(_("FX revaluation"), max_length=12, choices=FxMethod)
    reversal_style = models.CharField(_("reversal style"), max_length=4, choices=ReversalStyle)
    profit_transfer = models.CharField(
        _("profit transfer"), max_length=7, choices=ProfitTransfer
    )
    reserve_rate = _rate(_("statutory reserve"))
    senior_accountant_limit = _limit(_("approval limit of senior accountants"))
    approver_limit = _limit(_("approval limit of approvers"))

    source = models.CharField(
        _("source"), max_length=4, choices=PolicySource, default=PolicySource.FORM
    )
    # SHA-256 of the file that the proposal was read from: the same file proposes once.
    file_digest = models.CharField(_("digest of the file"), max_length=64, blank=True)
    proposal_reason = models.CharField(_("reason of the proposal"), max_length=500)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("proposed by"),
        db_index=False,
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("decided by"),
        db_index=False,
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)
    decision_reason = models.CharField(_("reason of the decision"), max_length=500, blank=True)
    history = HistoricalRecords()

    objects = FinancePolicyQuerySet.as_manager()

    class Meta:
        verbose_name = _("finance policy")
        ordering = ("organization", "-number")
        constraints = (
            models.UniqueConstraint(
                fields=("organization", "number"), name="policy_number_is_unique"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=CONFIRMED_ONCE) | ~Q(decided_by=F("proposed_by")),
                name="policy_proposer_is_not_confirmer",
            ),
            models.CheckConstraint(
                condition=Q(
                    state=PolicyState.PROPOSED, decided_by=None, decided_at__isnull=True
                )
                | (
                    ~Q(state=PolicyState.PROPOSED)
                    & Q(decided_by__isnull=False, decided_at__isnull=False)
                ),
                name="policy_is_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(effective_to=None) | Q(effective_to__gte=F("effective_from")),
                name="policy_begins_before_it_ends",
            ),
            models.CheckConstraint(
                condition=Q(tax_rate__gte=0, tax_rate__lt=1)
                & (
                    Q(special_tax_rate=None)
                    | Q(special_tax_rate__gte=0, special_tax_rate__lt=1)
                )
                & (
                    Q(ordinary_tax_rate=None)
                    | Q(ordinary_tax_rate__gte=0, ordinary_tax_rate__lt=1)
                )
                & Q(reserve_rate__gte=0, reserve_rate__lte=1),
                name="policy_rates_are_shares",
            ),
            models.CheckConstraint(
                condition=(Q(senior_accountant_limit=None) | Q(senior_accountant_limit__gte=0))
                & (Q(approver_limit=None) | Q(approver_limit__gte=0)),
                name="policy_limits_are_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(
                    payment_terms__contains=[F("default_payment_term")],
                    invoice_kinds__len__gt=0,
                ),
                name="policy_default_term_is_a_term",
            ),
        )

    def __str__(self) -> str:
        """Return the version as people call it."""
        return f"v{self.number}"

    def get_absolute_url(self) -> str:
        """Return the page of the version."""
        return reverse("policies:policy_detail", args=(self.number,))

    def content(self) -> PolicyContent:
        """Return what the version decides."""
        facts = self.facts()
        names = PolicyContent.__dataclass_fields__
        return PolicyContent(**{name: getattr(facts, name) for name in names})

    def facts(self) -> PolicyFacts:
        """Return the version as the values that a process reads."""
        kinds = {
            InvoiceKind.SPECIAL: self.special_tax_rate,
            InvoiceKind.ORDINARY: self.ordinary_tax_rate,
        }
        limits: dict[Role, Decimal | None] = {
            Role.SENIOR_ACCOUNTANT: self.senior_accountant_limit,
            Role.APPROVER: self.approver_limit,
        }
        return PolicyFacts(
            default_tax_rate=self.tax_rate,
            tax_rates=MappingProxyType(
                {str(kind): rate for kind, rate in kinds.items() if rate is not None}
            ),
            rounding_mode=RoundingMode(self.rounding_mode),
            invoice_kinds=tuple(self.invoice_kinds),
            payment_terms=tuple(self.payment_terms),
            default_payment_term=self.default_payment_term,
            fx_method=self.fx_method,
            reversal_style=self.reversal_style,
            profit_transfer=self.profit_transfer,
            reserve_rate=self.reserve_rate,
            approval_limits=MappingProxyType(limits),
            version_id=self.pk,
            number=self.number,
            effective_from=self.effective_from,
            effective_to=self.effective_to,
        )


def columns_of(content: PolicyContent) -> dict[str, Any]:
    """Return the columns that hold a content; the other way of `FinancePolicy.facts`."""
    return {
        "tax_rate": content.default_tax_rate,
        "special_tax_rate": content.tax_rates.get(InvoiceKind.SPECIAL),
        "ordinary_tax_rate": content.tax_rates.get(InvoiceKind.ORDINARY),
        "invoice_kinds": list(content.invoice_kinds),
        "rounding_mode": content.rounding_mode,
        "payment_terms": list(content.payment_terms),
        "default_payment_term": content.default_payment_term,
        "fx_method": content.fx_method,
        "reversal_style": content.reversal_style,
        "profit_transfer": content.profit_transfer,
        "reserve_rate": content.reserve_rate,
        "senior_accountant_limit": content.approval_limits.get(Role.SENIOR_ACCOUNTANT),
        "approver_limit": content.approval_limits.get(Role.APPROVER),
    }
