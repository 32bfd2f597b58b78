"""Closing a period: the balances it hands on, the runs that closed it, who opened it again.

    Period 1 ──* OpeningBalance      what all closed periods before it come to
           1 ──* CloseRun 1 ──* ClosingEntry 1 ── 1 JournalEntry
                          1 ──* ReopenRequest
    Ledger 1 ── 1 ClosingSettings    where a close books to, and by which method

A run begins with the first closing entry of a period and ends with the close. Opening the
period again leaves it as it is, its entries reversed; the next one has the next number.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from apps.core.models import VersionedModel
from apps.policies.words import FxMethod, ProfitTransfer


def _account(label: Any) -> models.ForeignKey[Any, Any]:
    return models.ForeignKey(
        "ledgers.Account",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=label,
    )


class ClosingSettings(VersionedModel):
    """Where the closing entries of a ledger go; an empty method is the finance policy's."""

    ledger = models.OneToOneField(
        "ledgers.Ledger", models.PROTECT, related_name="closing_settings"
    )
    profit_account = _account(_("profit for the year"))
    retained_account = _account(_("retained earnings"))
    reserve_account = _account(_("statutory reserve"))
    appropriation_account = _account(_("appropriation to the reserve"))
    fx_method = models.CharField(
        _("FX revaluation"), max_length=12, choices=FxMethod, blank=True
    )
    profit_transfer = models.CharField(
        _("profit transfer"), max_length=12, choices=ProfitTransfer, blank=True
    )
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("closing settings")

    def __str__(self) -> str:
        """Return whose settings they are."""
        return f"closing of ledger {self.ledger_id}"


class OpeningBalance(models.Model):
    """What an account, dimension set and currency come to in all closed periods before one.

    Amounts are signed: debit positive. Written by PostgreSQL when a period closes, dropped
    when it opens again, and by nothing else.
    """

    ledger = models.ForeignKey(
        "ledgers.Ledger", models.PROTECT, related_name="+", db_index=False
    )
    period = models.ForeignKey(
        "ledgers.Period", models.PROTECT, related_name="openings", db_index=False
    )
    account = models.ForeignKey(
        "ledgers.Account", models.PROTECT, related_name="+", db_index=False
    )
    dimension_set = models.ForeignKey(
        "ledgers.DimensionSet", models.PROTECT, null=True, related_name="+", db_index=False
    )
    currency = models.ForeignKey(
        "organizations.Currency", models.PROTECT, related_name="+", db_index=False
    )
    amount = models.DecimalField(max_digits=24, decimal_places=4)
    base_amount = models.DecimalField(max_digits=24, decimal_places=4)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("period", "account", "dimension_set", "currency"),
                nulls_distinct=False,
                name="opening_is_kept_once",
            ),
        )

    def __str__(self) -> str:
        """Return the key and the amount."""
        return f"{self.period_id}/{self.account_id}: {self.base_amount}"


class CloseRun(models.Model):
    """One way of a period from its first closing entry to its close."""

    class State(models.TextChoices):
        WORKING = "working", _("in work")
        CLOSED = "closed", _("closed")
        REOPENED = "reopened", _("reopened")

    period = models.ForeignKey("ledgers.Period", models.PROTECT, related_name="close_runs")
    number = models.PositiveSmallIntegerField(_("run"))
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WORKING)
    # What the checklist said at the close: a list of {key, is_ok, is_blocker, count}.
    checklist = models.JSONField(default=list)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by")
    )
    started_at = models.DateTimeField(_("started"), auto_now_add=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("closed by"),
    )
    closed_at = models.DateTimeField(_("closed"), null=True)
    reopened_at = models.DateTimeField(_("reopened"), null=True)

    class Meta:
        verbose_name = _("close run")
        ordering = ("period", "number")
        constraints = (
            models.UniqueConstraint(
                fields=("period", "number"), name="close_run_number_is_unique"
            ),
            models.UniqueConstraint(
                fields=("period",),
                condition=Q(state__in=("working", "closed")),
                name="close_run_is_one_at_a_time",
            ),
        )

    def __str__(self) -> str:
        """Return period and number."""
        return f"{self.period} #{self.number}"


class ClosingEntry(models.Model):
    """An entry that a close run posted, and what it was computed from."""

    run = models.ForeignKey(CloseRun, models.PROTECT, related_name="closing_entries")
    entry = models.OneToOneField(
        "ledgers.JournalEntry", models.PROTECT, related_name="closing_entry"
    )
    # Of a revaluation: the rates by currency, each as it was found.
    facts = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("closing entry")

    def __str__(self) -> str:
        """Return the entry."""
        return str(self.entry)


class ReopenRequest(models.Model):
    """Somebody asks to open a closed period again; another person decides."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        APPROVED = "approved", _("approved")
        DONE = "done", _("reopened")
        REJECTED = "rejected", _("rejected")
        WITHDRAWN = "withdrawn", _("withdrawn")

    run = models.ForeignKey(CloseRun, models.PROTECT, related_name="reopen_requests")
    period = models.ForeignKey("ledgers.Period", models.PROTECT, related_name="reopen_requests")
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.WAITING)
    reason = models.CharField(_("reason"), max_length=500)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by")
    )
    requested_at = models.DateTimeField(_("when"), auto_now_add=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided"), null=True)
    note = models.CharField(_("note"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("request to reopen")
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("period",),
                condition=Q(state__in=("waiting", "approved")),
                name="reopening_is_asked_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None)
                | Q(state="withdrawn")
                | ~Q(decided_by=F("requested_by")),
                name="reopening_is_decided_by_another",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("approved", "done", "rejected"))
                | Q(decided_by__isnull=False),
                name="reopening_names_who_decided",
            ),
        )

    def __str__(self) -> str:
        """Return period and reason."""
        return f"{self.period}: {self.reason}"
