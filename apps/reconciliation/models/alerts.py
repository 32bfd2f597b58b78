"""What deserves a person's attention in a channel, from when on, and who was told."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from apps.core.models import VersionedModel
from apps.reconciliation.words import AlertKind, AlertState, TellBy
from apps.statements.models.files import amount_field


def _limit(label: Any, default: int) -> models.PositiveIntegerField[Any, Any]:
    return models.PositiveIntegerField(label, default=default)


class AlertThresholds(VersionedModel):
    """Beyond which values a channel is worth an alert; without a row the defaults hold.

    Shares are percent, `match_fall` percentage points; `at_risk` is in the channel's currency.
    """

    channel = models.OneToOneField(
        "statements.Channel", models.PROTECT, related_name="alert_thresholds"
    )
    is_watched = models.BooleanField(_("watched"), default=True)
    statement_days = _limit(_("days without a statement"), 3)
    event_minutes = _limit(_("minutes until an event is delivered"), 5)
    live_hours = _limit(_("hours that a row waits for its counterpart"), 72)
    break_share = _limit(_("breaks of a run, in percent of what is new"), 20)
    match_fall = _limit(_("fall of the matched share, in points below the median"), 5)
    at_risk = amount_field(_("at risk in open breaks"), default=1_000_000)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("thresholds of alerts")
        constraints = (
            models.CheckConstraint(
                condition=Q(break_share__lte=100, match_fall__lte=100),
                name="alert_shares_are_percent",
            ),
            models.CheckConstraint(condition=Q(at_risk__gte=0), name="alert_risk_is_positive"),
        )

    def __str__(self) -> str:
        """Return the channel."""
        return str(self.channel)


class Alert(VersionedModel):
    """One kind of trouble of a channel, from when it began until it is over.

    `value` is what was measured when it opened and `worst` the worst since, in the unit of the
    kind: seconds, days, rows, percent, points or an amount in the currency of the channel.
    """

    organization = models.ForeignKey(
        "organizations.Organization", models.PROTECT, related_name="+"
    )
    channel = models.ForeignKey(
        "statements.Channel", models.PROTECT, related_name="alerts", verbose_name=_("channel")
    )
    kind = models.CharField(_("kind"), max_length=9, choices=AlertKind)
    state = models.CharField(
        _("state"), max_length=12, choices=AlertState, default=AlertState.OPEN
    )
    value = amount_field(_("value"))
    worst = amount_field(_("worst value"))
    threshold = amount_field(_("threshold"))
    opened_at = models.DateTimeField(_("since"))
    closed_at = models.DateTimeField(_("until"), null=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    acknowledged_at = models.DateTimeField(null=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("alert")
        ordering = ("-opened_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("channel", "kind"),
                condition=~Q(state="closed"),
                name="alert_is_open_once",
            ),
            models.CheckConstraint(
                condition=Q(state="closed") ^ Q(closed_at=None), name="alert_closes_at_a_time"
            ),
            models.CheckConstraint(
                condition=~Q(state="acknowledged") | Q(acknowledged_by__isnull=False),
                name="alert_is_acknowledged_by_somebody",
            ),
        )
        indexes = (
            models.Index(fields=("organization", "-opened_at"), name="alert_by_organization"),
        )

    def __str__(self) -> str:
        """Return kind and channel."""
        return f"{self.get_kind_display()}: {self.channel_id}"

    def get_absolute_url(self) -> str:
        """Return the list of alerts, at this one."""
        return f"{reverse('reconciliation:alert_list')}#alert-{self.pk}"


class AlertWebhook(VersionedModel):
    """Where an organization's alerts are posted to."""

    organization = models.OneToOneField(
        "organizations.Organization", models.PROTECT, related_name="alert_webhook"
    )
    url = models.URLField(_("address"), max_length=500)
    is_active = models.BooleanField(_("active"), default=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("webhook of alerts")

    def __str__(self) -> str:
        """Return the address."""
        return self.url


class AlertNotice(models.Model):
    """That somebody outside is to be told that an alert opened or closed; written with it.

    A notice is claimed by counting its attempt before it goes out; after the last one it stays.
    """

    alert = models.ForeignKey(Alert, models.PROTECT, related_name="notices")
    by = models.CharField(_("by"), max_length=7, choices=TellBy)
    is_closing = models.BooleanField(default=False)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_try_at = models.DateTimeField(_("next try"), null=True)
    sent_at = models.DateTimeField(_("sent"), null=True)
    failure = models.CharField(_("failure"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("notice of an alert")
        constraints = (
            models.UniqueConstraint(
                fields=("alert", "by", "is_closing"), name="alert_is_told_once"
            ),
        )
        indexes = (
            models.Index(
                fields=("next_try_at",),
                condition=Q(sent_at=None, next_try_at__isnull=False),
                name="alert_notice_is_due",
            ),
        )

    def __str__(self) -> str:
        """Return how and what."""
        return f"{self.by} {self.alert_id}"
