"""Channels: which outside account is mirrored by which account in the books."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from apps.core.models import VersionedModel
from apps.ledgers.models.names import BilingualName
from apps.statements.models.choices import SourceKind, StatementFormat

__all__ = ("Channel", "FormatMapping", "SourceKind", "StatementFormat", "StatementPartner")


class StatementPartner(BilingualName, VersionedModel):
    """A bank, a payment provider or a company whose system tells us what happened."""

    organization = models.ForeignKey(
        "organizations.Organization", models.PROTECT, related_name="statement_partners"
    )
    code = models.SlugField(_("code"), max_length=40)
    is_active = models.BooleanField(_("active"), default=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("partner")
        ordering = ("code",)
        constraints = (
            models.UniqueConstraint(
                fields=("organization", "code"), name="statement_partner_code_is_unique"
            ),
        )


class FormatMapping(VersionedModel):
    """How the columns of a table become statement lines; channels share it.

    `rules` is a TableMapping of domain/mapping.py as JSON. A file keeps the rules that it was
    read with, so that changing a mapping changes nothing that is there already.
    """

    organization = models.ForeignKey(
        "organizations.Organization", models.PROTECT, related_name="statement_mappings"
    )
    name = models.CharField(_("name"), max_length=120)
    rules = models.JSONField(_("rules"), default=dict)
    is_active = models.BooleanField(_("active"), default=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("mapping")
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(
                fields=("organization", "name"), name="statement_mapping_name_is_unique"
            ),
        )

    def __str__(self) -> str:
        """Return the name."""
        return self.name


class Channel(BilingualName, VersionedModel):
    """An outside account, and the account in the books that mirrors it.

    `external_account` is its number as statements tell it; a statement of another one is
    refused. Ledger, account and currency stay as they are once a statement counts.
    """

    organization = models.ForeignKey(
        "organizations.Organization", models.PROTECT, related_name="channels"
    )
    code = models.SlugField(_("code"), max_length=40)
    source_kind = models.CharField(
        _("source"), max_length=8, choices=SourceKind, default=SourceKind.BANK
    )
    partner = models.ForeignKey(
        StatementPartner,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="channels",
        verbose_name=_("partner"),
    )
    ledger = models.ForeignKey(
        "ledgers.Ledger", models.PROTECT, related_name="channels", verbose_name=_("ledger")
    )
    account = models.ForeignKey(
        "ledgers.Account", models.PROTECT, related_name="channels", verbose_name=_("account")
    )
    currency = models.ForeignKey(
        "organizations.Currency", models.PROTECT, related_name="+", verbose_name=_("currency")
    )
    external_account = models.CharField(_("account at the partner"), max_length=64, blank=True)
    format = models.CharField(_("format"), max_length=8, choices=StatementFormat)
    mapping = models.ForeignKey(
        FormatMapping,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="channels",
        verbose_name=_("mapping"),
    )
    is_active = models.BooleanField(_("active"), default=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("channel")
        ordering = ("code",)
        constraints = (
            models.UniqueConstraint(
                fields=("organization", "code"), name="channel_code_is_unique"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="channel_has_a_name"),
        )

    def get_absolute_url(self) -> str:
        """Return the page of the channel."""
        return reverse("statements:channel_detail", args=(self.code,))
