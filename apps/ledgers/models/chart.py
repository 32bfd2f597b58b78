"""The chart of accounts, a tree whose leaves take postings."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from apps.core.models import VersionedModel
from apps.ledgers.models.choices import AccountClass, BalanceGuard, Control, Side
from apps.ledgers.models.names import BilingualName


class ChartOfAccounts(BilingualName, VersionedModel):
    """A chart that one or more ledgers of an organization share."""

    organization = models.ForeignKey(
        "organizations.Organization", models.PROTECT, related_name="charts"
    )
    code = models.SlugField(_("code"), max_length=40)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("chart of accounts")
        constraints = (
            models.UniqueConstraint(
                fields=("organization", "code"), name="chart_code_is_unique"
            ),
        )


class AccountQuerySet(models.QuerySet["Account"]):
    """Reads of accounts."""

    def taking_postings(self) -> AccountQuerySet:
        """Return active leaves."""
        return self.filter(is_leaf=True, is_active=True)

    def matching(self, text: str) -> AccountQuerySet:
        """Return accounts found by the start of a code, part of a name, or initials."""
        return self.filter(
            Q(code__startswith=text)
            | Q(name__icontains=text)
            | Q(name_zh__icontains=text)
            | Q(initials__icontains=text.lower())
        )


class Account(BilingualName, VersionedModel):
    """An account; only active leaves take postings, and class and side never change."""

    chart = models.ForeignKey(ChartOfAccounts, models.PROTECT, related_name="accounts")
    code = models.CharField(_("code"), max_length=20)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    initials = models.CharField(max_length=120, blank=True, editable=False)
    account_class = models.CharField(_("class"), max_length=12, choices=AccountClass)
    normal_side = models.SmallIntegerField(_("normal side"), choices=Side)
    statement_section = models.CharField(
        _("section"),
        max_length=8,
        blank=True,
        choices=(("income", _("income")), ("expense", _("expense"))),
    )
    is_leaf = models.BooleanField(_("takes postings"), default=True)
    is_active = models.BooleanField(_("active"), default=True)
    control = models.CharField(_("control"), max_length=12, choices=Control, blank=True)
    guard = models.CharField(
        _("balance guard"), max_length=10, choices=BalanceGuard, default=BalanceGuard.NONE
    )
    currency = models.ForeignKey(
        "organizations.Currency",
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("only in currency"),
        related_name="+",
    )
    allows_manual = models.BooleanField(_("manual entry allowed"), default=True)
    is_revalued = models.BooleanField(_("revalued at period end"), default=False)
    # Where amounts wait for their place; a close warns of what is left.
    is_suspense = models.BooleanField(_("suspense"), default=False)
    # Identifiers of the dimension types that every line on the account must carry.
    required_dimension_ids = ArrayField(models.BigIntegerField(), default=list, blank=True)
    history = HistoricalRecords()

    objects = AccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("account")
        ordering = ("code",)
        constraints = (
            models.UniqueConstraint(fields=("chart", "code"), name="account_code_is_unique"),
            models.CheckConstraint(
                condition=~Q(parent=models.F("id")), name="account_is_not_its_own_parent"
            ),
            models.CheckConstraint(
                condition=Q(normal_side__in=(1, -1)), name="account_side_is_debit_or_credit"
            ),
        )

    def __str__(self) -> str:
        """Return code and name."""
        return f"{self.code} {self.label}"
