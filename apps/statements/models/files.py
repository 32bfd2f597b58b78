"""Files of statements, and the statements in them with their balances."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.statements.models.choices import StatementFormat


def statement_path(statement: StatementFile, _filename: str) -> str:
    """Store by content, so that neither a name nor a path of the sender is ever used."""
    digest = statement.sha256
    return f"statements/{digest[:2]}/{digest}"


def amount_field(label: Any, **options: Any) -> models.DecimalField[Any, Any]:
    """Return a column of an amount in the currency of the channel."""
    return models.DecimalField(label, max_digits=20, decimal_places=4, **options)


class StatementFile(models.Model):
    r"""One file of a channel.

        reading → ready → importing → imported
             \______\_________\─→ failed (nothing was kept), discarded

    `line_count` and `total` are what the file holds, `new_count` and `new_total` what it added:
    lines that an overlapping statement brought before are not added again. It counts only when
    imported, and PostgreSQL lets it get there only when lines and balances agree.
    """

    class State(models.TextChoices):
        READING = "reading", _("being read")
        READY = "ready", _("ready to import")
        IMPORTING = "importing", _("being imported")
        IMPORTED = "imported", _("imported")
        FAILED = "failed", _("refused")
        DISCARDED = "discarded", _("discarded")

    # Bytes that came before are the same file as long as it is in one of these.
    ALIVE: ClassVar[tuple[str, ...]] = (
        State.READING,
        State.READY,
        State.IMPORTING,
        State.IMPORTED,
    )

    channel = models.ForeignKey("statements.Channel", models.PROTECT, related_name="statements")
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.READING)
    filename = models.CharField(_("file"), max_length=150)
    sha256 = models.CharField("SHA-256", max_length=64)
    size = models.PositiveIntegerField(_("size"))
    file = models.FileField(upload_to=statement_path, max_length=150)
    format = models.CharField(_("format"), max_length=8, choices=StatementFormat)
    # The rules that the file is read with, as they were then.
    rules = models.JSONField(default=dict)
    encoding = models.CharField(_("encoding"), max_length=20, blank=True)
    external_account = models.CharField(_("account at the partner"), max_length=64, blank=True)
    currency = models.ForeignKey(
        "organizations.Currency", models.PROTECT, related_name="+", verbose_name=_("currency")
    )
    from_on = models.DateField(_("from"), null=True)
    to_on = models.DateField(_("until"), null=True)
    opening_balance = amount_field(_("opening balance"), null=True)
    closing_balance = amount_field(_("closing balance"), null=True)
    line_count = models.PositiveIntegerField(_("lines"), default=0)
    total = amount_field(_("sum of the lines"), default=0)
    new_count = models.PositiveIntegerField(_("new lines"), default=0)
    new_total = amount_field(_("sum of the new lines"), default=0)
    # What reading found for people to look at: a preview, gaps, conflicts; see services.
    findings = models.JSONField(default=dict)
    # A FinanceError as JSON: code, values, text.
    failure = models.TextField(_("failure"), blank=True)
    version = models.PositiveIntegerField(default=1)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by")
    )
    created_at = models.DateTimeField(_("when"), auto_now_add=True)
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    imported_at = models.DateTimeField(_("imported at"), null=True)

    class Meta:
        verbose_name = _("statement")
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("channel", "sha256"),
                condition=Q(state__in=("reading", "ready", "importing", "imported")),
                name="statement_file_comes_once",
            ),
            models.CheckConstraint(
                condition=Q(from_on__isnull=True) | Q(from_on__lte=F("to_on")),
                name="statement_begins_before_it_ends",
            ),
            models.CheckConstraint(
                condition=Q(new_count__lte=F("line_count")),
                name="statement_adds_no_more_than_it_holds",
            ),
        )

    def __str__(self) -> str:
        """Return the name of the file."""
        return self.filename

    def get_absolute_url(self) -> str:
        """Return the page of the statement."""
        return reverse("statements:statement_detail", args=(self.channel.code, self.pk))


class StatementPart(models.Model):
    """One statement of an imported file: its balances are opening + total = closing.

    Formats that tell no balances have none here either; then only sums are proved.
    """

    statement = models.ForeignKey(StatementFile, models.PROTECT, related_name="parts")
    position = models.PositiveIntegerField(_("position"))
    reference = models.CharField(_("number"), max_length=64, blank=True)
    from_on = models.DateField(_("from"))
    to_on = models.DateField(_("until"))
    opening_balance = amount_field(_("opening balance"), null=True)
    closing_balance = amount_field(_("closing balance"), null=True)
    total = amount_field(_("sum of the lines"))
    line_count = models.PositiveIntegerField(_("lines"))

    class Meta:
        verbose_name = _("part of a statement")
        ordering = ("statement", "position")
        constraints = (
            models.UniqueConstraint(
                fields=("statement", "position"), name="statement_part_is_at_one_position"
            ),
            models.CheckConstraint(
                condition=Q(opening_balance__isnull=True, closing_balance__isnull=True)
                | Q(closing_balance=F("opening_balance") + F("total")),
                name="statement_part_balances_agree",
            ),
        )

    def __str__(self) -> str:
        """Return number and days."""
        return f"{self.reference} {self.from_on}–{self.to_on}"
