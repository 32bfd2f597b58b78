"""Balances that people state where no file tells any."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.statements.models.files import amount_field


def evidence_path(stated: StatedBalance, _filename: str) -> str:
    """Store by content, so that neither a name nor a path of the sender is ever used."""
    digest = stated.sha256
    return f"evidence/{digest[:2]}/{digest}"


class StatedBalanceQuerySet(models.QuerySet["StatedBalance"]):
    """Reads of stated balances."""

    def current(self) -> StatedBalanceQuerySet:
        """Return what was said last of each day, but for what was taken back."""
        newer = StatedBalance.objects.filter(
            channel=models.OuterRef("channel"),
            at_on=models.OuterRef("at_on"),
            version__gt=models.OuterRef("version"),
        )
        return self.exclude(models.Exists(newer)).filter(balance__isnull=False)


class StatedBalance(models.Model):
    """What a person read as the balance of a channel at the end of a day.

    A row never changes: a correction is the next version of its day, and one without a balance
    takes it back. `file` is the evidence, as it was sent.
    """

    channel = models.ForeignKey(
        "statements.Channel", models.PROTECT, related_name="stated_balances"
    )
    at_on = models.DateField(_("at the end of"))
    version = models.PositiveIntegerField(_("version"))
    balance = amount_field(_("balance"), null=True)
    reason = models.CharField(_("reason"), max_length=500)
    filename = models.CharField(_("file"), max_length=150, blank=True)
    content_type = models.CharField(max_length=100, blank=True)
    size = models.PositiveIntegerField(_("size"), default=0)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    file = models.FileField(upload_to=evidence_path, max_length=150, blank=True)
    stated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by")
    )
    stated_at = models.DateTimeField(_("when"), auto_now_add=True)

    objects = StatedBalanceQuerySet.as_manager()

    class Meta:
        verbose_name = _("stated balance")
        ordering = ("channel", "-at_on", "-version")
        constraints = (
            models.UniqueConstraint(
                fields=("channel", "at_on", "version"), name="stated_balance_has_versions"
            ),
            models.CheckConstraint(
                condition=~Q(reason="") & Q(version__gte=1), name="stated_balance_has_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(balance__isnull=True) | (~Q(sha256="") & Q(size__gt=0)),
                name="stated_balance_has_evidence",
            ),
            models.CheckConstraint(
                condition=Q(version__gt=1) | Q(balance__isnull=False),
                name="stated_balance_begins_with_one",
            ),
        )

    def __str__(self) -> str:
        """Return day and amount."""
        return f"{self.at_on} {self.balance}"

    def get_absolute_url(self) -> str:
        """Return the page on which it is corrected."""
        return reverse("statements:balance_edit", args=(self.channel.code, self.pk))
