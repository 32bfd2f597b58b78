r"""Runs: one attempt to match what a channel has open, up to a day.

    created → loading → matching → review → signed_off
        \_______\__________\──→ failed (nothing was changed) → created, cancelled
         \_______\__________\─→ cancelled

The state lives here, not in the queue: a worker that dies is replaced after its lease, and
`attempt` fences a late one off.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.reconciliation.models.rules import RuleSetVersion


class ReconciliationRun(models.Model):
    """One run. What is open in the channel up to `to_on` takes part; see services/loading.py.

    `from_on` is where the period begins that is signed off; older open rows take part too. The
    marks are what the first attempt saw: rows that came later belong to the next run.
    `counters` are rows by side and bucket, sums and what the run cost; `digest` is SHA-256 over
    all results, the same for the same input and rules.
    """

    class State(models.TextChoices):
        CREATED = "created", _("waiting")
        LOADING = "loading", _("loading")
        MATCHING = "matching", _("matching")
        REVIEW = "review", _("in review")
        SIGNED_OFF = "signed_off", _("signed off")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    UNFINISHED: ClassVar[tuple[str, ...]] = (State.CREATED, State.LOADING, State.MATCHING)

    channel = models.ForeignKey("statements.Channel", models.PROTECT, related_name="runs")
    rule_version = models.ForeignKey(RuleSetVersion, models.PROTECT, related_name="runs")
    number = models.PositiveIntegerField(_("number"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.CREATED)
    from_on = models.DateField(_("from"))
    to_on = models.DateField(_("until"))
    # The highest keys, and the moment, that the first attempt saw.
    book_mark = models.BigIntegerField(null=True)
    statement_mark = models.BigIntegerField(null=True)
    marked_at = models.DateTimeField(null=True)
    book_count = models.PositiveIntegerField(_("rows of the books"), default=0)
    statement_count = models.PositiveIntegerField(_("rows of statements"), default=0)
    progress = models.JSONField(default=dict)
    counters = models.JSONField(default=dict)
    digest = models.CharField(max_length=64, blank=True)
    # A FinanceError as JSON: code, values, text.
    failure = models.TextField(_("failure"), blank=True)
    lease_until = models.DateTimeField(null=True)
    attempt = models.PositiveSmallIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)
    is_cancel_requested = models.BooleanField(default=False)
    # Started by the clock rather than by a person.
    is_scheduled = models.BooleanField(default=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by")
    )
    created_at = models.DateTimeField(_("when"), auto_now_add=True)
    started_at = models.DateTimeField(_("started"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        verbose_name = _("reconciliation run")
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("channel", "number"), name="run_number_is_unique_in_a_channel"
            ),
            models.UniqueConstraint(
                fields=("channel",),
                condition=Q(state__in=("created", "loading", "matching")),
                name="channel_is_run_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(from_on__lte=F("to_on")), name="run_begins_before_it_ends"
            ),
        )
        indexes = (
            models.Index(
                fields=("id",),
                condition=Q(state__in=("created", "loading", "matching")),
                name="run_unfinished",
            ),
        )

    def __str__(self) -> str:
        """Return channel and number."""
        return f"{self.channel.code} #{self.number}"
