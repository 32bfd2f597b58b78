"""Many tasks answered by one press, a little later, so that the person can still undo it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.approvals.models.requests import ApprovalTask
from apps.approvals.words import BatchState, DecisionKind, ItemOutcome


class DecisionBatch(models.Model):
    """One press: who, which answer, and when it is carried out unless it is undone."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="decision_batches"
    )
    verdict = models.CharField(
        _("decision"),
        max_length=9,
        choices=[(one.value, one.label) for one in (DecisionKind.APPROVE, DecisionKind.REJECT)],
    )
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    state = models.CharField(
        _("state"), max_length=7, choices=BatchState, default=BatchState.PENDING
    )
    created_at = models.DateTimeField(_("when"), auto_now_add=True)
    due_at = models.DateTimeField(_("carried out at"))
    # How long the worker that has it is believed to live.
    lease_until = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("decisions at once")
        constraints = (
            models.CheckConstraint(
                condition=Q(verdict__in=(DecisionKind.APPROVE, DecisionKind.REJECT)),
                name="batch_approves_or_rejects",
            ),
        )
        indexes = (
            models.Index(
                fields=("due_at",),
                condition=Q(state__in=(BatchState.PENDING, BatchState.RUNNING)),
                name="batch_to_carry_out",
            ),
        )

    def __str__(self) -> str:
        """Return who decides what."""
        return f"{self.person_id}: {self.verdict}"

    @property
    def is_waiting(self) -> bool:
        """Whether something will still happen."""
        return self.state in {BatchState.PENDING, BatchState.RUNNING}


class BatchItem(models.Model):
    """One task of a press, and what came of it; `note` says why where nothing did."""

    batch = models.ForeignKey(DecisionBatch, models.PROTECT, related_name="items")
    task = models.ForeignKey(ApprovalTask, models.PROTECT, related_name="batch_items")
    outcome = models.CharField(
        _("result"), max_length=8, choices=ItemOutcome, default=ItemOutcome.WAITING
    )
    note = models.CharField(_("note"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("decision of many")
        ordering = ("batch", "pk")
        constraints = (
            models.UniqueConstraint(fields=("batch", "task"), name="batch_has_a_task_once"),
        )

    def __str__(self) -> str:
        """Return what came of which task."""
        return f"{self.task_id}: {self.outcome}"
