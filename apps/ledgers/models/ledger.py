"""Ledgers 账簿 and their periods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from apps.core.models import VersionedModel
from apps.ledgers.models.choices import PeriodState
from apps.ledgers.models.names import BilingualName
from apps.policies.words import ReversalStyle

if TYPE_CHECKING:
    from datetime import date


def _system_account(label: Any) -> models.ForeignKey[Any, Any]:
    """Return the field of an account that the system books to; it is of the same chart."""
    return models.ForeignKey(
        "ledgers.Account",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=label,
        db_index=False,
    )


class Ledger(BilingualName, VersionedModel):
    """The books of a legal entity for one purpose.

    A delta ledger names its `base_ledger`: its reports are the base's lines plus its own.
    """

    class Purpose(models.TextChoices):
        STATUTORY = "statutory", _("statutory")
        MANAGEMENT = "management", _("management")
        TAX = "tax", _("tax")

    organization = models.ForeignKey(
        "organizations.Organization", models.PROTECT, related_name="ledgers"
    )
    entity = models.ForeignKey(
        "organizations.LegalEntity", models.PROTECT, related_name="ledgers"
    )
    code = models.SlugField(_("code"), max_length=40)
    purpose = models.CharField(_("purpose"), max_length=12, choices=Purpose)
    base_currency = models.ForeignKey(
        "organizations.Currency", models.PROTECT, related_name="+"
    )
    chart = models.ForeignKey("ledgers.ChartOfAccounts", models.PROTECT, related_name="ledgers")
    base_ledger = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="deltas"
    )
    reversal_style = models.CharField(
        _("reversal style"),
        max_length=4,
        choices=ReversalStyle,
        blank=True,
        help_text=_("Empty: as the finance policy says."),
    )
    # Where the system books what people do not write by hand; empty until somebody says.
    rounding_account = _system_account(_("rounding differences"))
    exchange_gain_account = _system_account(_("exchange gains"))
    exchange_loss_account = _system_account(_("exchange losses"))
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("ledger")
        ordering = ("code",)
        constraints = (
            models.UniqueConstraint(
                fields=("organization", "code"), name="ledger_code_is_unique"
            ),
            models.CheckConstraint(
                condition=Q(base_ledger=None) | ~Q(base_ledger=F("id")),
                name="ledger_is_not_its_own_base",
            ),
        )

    def reported_ledger_ids(self) -> list[int]:
        """Return the ledgers whose lines a report of this one adds up."""
        return [self.pk] if self.base_ledger_id is None else [self.base_ledger_id, self.pk]


class PeriodQuerySet(models.QuerySet["Period"]):
    """Reads of periods."""

    def open(self) -> PeriodQuerySet:
        """Return periods that take ordinary entries."""
        return self.filter(state=PeriodState.OPEN)

    def containing(self, day: date, *, for_adjustment: bool = False) -> PeriodQuerySet:
        """Return the month of a day, or its adjustment period."""
        rows = self.filter(starts_on__lte=day, ends_on__gte=day)
        return rows.filter(is_adjustment=for_adjustment)


class Period(VersionedModel):
    """An accounting period; number 13 is the adjustment period on the year's last day."""

    ledger = models.ForeignKey(Ledger, models.PROTECT, related_name="periods")
    fiscal_year = models.PositiveSmallIntegerField(_("fiscal year"))
    number = models.PositiveSmallIntegerField(_("number"))
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    is_adjustment = models.BooleanField(_("adjustment period"), default=False)
    state = models.CharField(
        _("state"), max_length=8, choices=PeriodState, default=PeriodState.FUTURE
    )
    history = HistoricalRecords()

    objects = PeriodQuerySet.as_manager()

    class Meta:
        verbose_name = _("period")
        ordering = ("fiscal_year", "number")
        constraints = (
            models.UniqueConstraint(
                fields=("ledger", "fiscal_year", "number"), name="period_number_is_unique"
            ),
            models.CheckConstraint(
                condition=Q(starts_on__lte=F("ends_on")), name="period_starts_before_it_ends"
            ),
        )

    def __str__(self) -> str:
        """Return the period as people write it: 2026-11."""
        return f"{self.fiscal_year}-{self.number:02}"
