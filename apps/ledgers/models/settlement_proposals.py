"""Settlements above the organization's limit: proposed by one person, decided by another.

    OpenItem *──* SettlementProposal 1 ── 0..1 Settlement

    waiting → settled · rejected · withdrawn      (each is final)

Nothing of the items moves before another person approves. What was proposed never changes;
an item that moved meanwhile keeps the proposal from being carried out.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from apps.core.models import VersionedModel


def _money(label: Any) -> models.DecimalField[Any, Any]:
    return models.DecimalField(label, max_digits=20, decimal_places=4)


class SettlementProposal(VersionedModel):
    """A settlement that waits for another person, or waited."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting for approval")
        SETTLED = "settled", _("settled")
        REJECTED = "rejected", _("rejected")
        WITHDRAWN = "withdrawn", _("withdrawn")

    ledger = models.ForeignKey(
        "ledgers.Ledger", models.PROTECT, related_name="settlement_proposals"
    )
    account = models.ForeignKey(
        "ledgers.Account", models.PROTECT, related_name="+", db_index=False
    )
    partner = models.ForeignKey(
        "ledgers.DimensionValue", models.PROTECT, null=True, related_name="+", db_index=False
    )
    currency = models.ForeignKey(
        "organizations.Currency", models.PROTECT, related_name="+", db_index=False
    )
    settled_on = models.DateField(_("settled on"))
    # Positive: what would be settled in the items' currency, and its larger side in base.
    amount = _money(_("amount"))
    base_amount = _money(_("base amount"))
    gain = _money(_("exchange gain or loss"))
    # In the order of the items: [{"item": 7, "amount": "10.0000", "version": 2}, …].
    parts = models.JSONField()
    policy = models.ForeignKey(
        "policies.FinancePolicy", models.PROTECT, null=True, related_name="+", db_index=False
    )
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.WAITING)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("by"),
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
    note = models.CharField(_("reason"), max_length=500, blank=True)
    settlement = models.OneToOneField(
        "ledgers.Settlement", models.PROTECT, null=True, related_name="proposal"
    )
    # The same form sent twice proposes once.
    form_key = models.CharField(max_length=80, null=True, unique=True)  # noqa: DJ001
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("proposed settlement")
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(amount__gt=0, base_amount__gte=0),
                name="proposed_settlement_has_an_amount",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None)
                | Q(state="withdrawn", decided_by=F("proposed_by"))
                | ~Q(decided_by=F("proposed_by")),
                name="proposed_settlement_is_decided_by_another",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", decided_by=None, decided_at=None)
                | ~Q(state="waiting") & Q(decided_by__isnull=False, decided_at__isnull=False),
                name="proposed_settlement_names_who_decided",
            ),
            models.CheckConstraint(
                condition=Q(state="settled", settlement__isnull=False)
                | ~Q(state="settled") & Q(settlement=None),
                name="proposed_settlement_has_one_when_settled",
            ),
        )
        indexes = (
            models.Index(
                fields=("ledger",),
                condition=Q(state="waiting"),
                name="proposed_settlement_waiting",
            ),
        )

    def __str__(self) -> str:
        """Return the number of the proposal."""
        return f"#{self.pk}"

    def get_absolute_url(self) -> str:
        """Return the page of the proposal."""
        return reverse("ledgers:settlement_proposal_detail", args=(self.ledger.code, self.pk))
