"""What is found out about a request before people are asked; it approves nothing."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.approvals.models.requests import ApprovalRequest


class CreditFinding(models.Model):
    """The credit of one counterparty of a request, as it was known before anybody was asked.

    No counterparty: the subject names none. No check: nothing could be asked about it.
    """

    request = models.ForeignKey(ApprovalRequest, models.PROTECT, related_name="credit_findings")
    counterparty = models.CharField(_("counterparty"), max_length=50, blank=True)
    credit_check = models.ForeignKey(
        "credit.CreditCheck", models.PROTECT, null=True, related_name="+"
    )
    needs_person = models.BooleanField(_("a person decides"))
    at = models.DateTimeField(_("at"), auto_now_add=True)

    class Meta:
        verbose_name = _("credit finding")
        ordering = ("request", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("request", "counterparty"), name="credit_is_found_once_for_each"
            ),
            models.CheckConstraint(
                condition=Q(credit_check__isnull=False)
                | Q(counterparty="", needs_person=False)
                | ~Q(counterparty="") & Q(needs_person=True),
                name="credit_that_nobody_checked_needs_a_person",
            ),
        )

    def __str__(self) -> str:
        """Return about whom it is."""
        return f"{self.request_id}: {self.counterparty}"
