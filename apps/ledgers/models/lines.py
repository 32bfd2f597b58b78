"""Lines 分录 of journal entries, and where the rate of a foreign one is from."""

from __future__ import annotations

from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.utils.translation import gettext_lazy as _

from apps.ledgers.models.journal import JournalEntry


class JournalLine(models.Model):
    """One line of an entry; frozen from submission on, its own history once posted."""

    # Without constraints of their own: the insert guard looks for the entry, which is never
    # deleted, and compares its ledger.
    ledger = models.ForeignKey(
        "ledgers.Ledger", models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    entry = models.ForeignKey(
        JournalEntry, models.CASCADE, related_name="lines", db_index=False, db_constraint=False
    )
    position = models.PositiveIntegerField(_("line"))
    entry_date = models.DateField(_("entry date"))
    account = models.ForeignKey(
        "ledgers.Account",
        models.PROTECT,
        related_name="lines",
        db_index=False,
        verbose_name=_("account"),
    )
    dimension_set = models.ForeignKey(
        "ledgers.DimensionSet", models.PROTECT, null=True, related_name="+", db_index=False
    )
    side = models.SmallIntegerField(_("side"))
    currency = models.ForeignKey(
        "organizations.Currency",
        models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    amount = models.DecimalField(_("amount"), max_digits=20, decimal_places=4)
    rate = models.DecimalField(_("rate"), max_digits=20, decimal_places=10, default=Decimal(1))
    # `rate` is for `rate_per` units of the line's currency; the rest says where it is from.
    rate_per = models.SmallIntegerField(_("per"), default=1, db_default=1)
    rate_type = models.CharField(_("rate type"), max_length=8, blank=True, db_default="")
    rate_source = models.CharField(_("rate source"), max_length=40, blank=True, db_default="")
    rate_on = models.DateField(_("rate of"), null=True, blank=True)
    # The rows of fx.ExchangeRate that were used, two or more where a pivot joined the pair.
    rate_ids = ArrayField(models.BigIntegerField(), null=True, blank=True)
    base_amount = models.DecimalField(_("base amount"), max_digits=20, decimal_places=4)
    summary = models.CharField(_("summary"), max_length=200, blank=True)
    debit = models.GeneratedField(
        expression=Case(When(side=1, then=F("base_amount")), default=Value(Decimal(0))),
        output_field=models.DecimalField(max_digits=20, decimal_places=4),
        db_persist=True,
    )
    credit = models.GeneratedField(
        expression=Case(When(side=-1, then=-F("base_amount")), default=Value(Decimal(0))),
        output_field=models.DecimalField(max_digits=20, decimal_places=4),
        db_persist=True,
    )

    class Meta:
        verbose_name = _("journal line")
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(
                fields=("entry", "position"), name="line_position_is_unique"
            ),
            models.CheckConstraint(
                condition=Q(side__in=(1, -1)), name="line_side_is_debit_or_credit"
            ),
            models.CheckConstraint(
                condition=~Q(amount=0) | ~Q(base_amount=0), name="line_has_an_amount"
            ),
            models.CheckConstraint(condition=Q(rate__gt=0), name="line_rate_is_positive"),
            models.CheckConstraint(
                condition=Q(rate_per__in=(1, 100)), name="line_rate_is_per_one_or_hundred"
            ),
        )
        indexes = (
            models.Index(
                fields=("account", "ledger", "entry_date", "entry"), name="line_by_account"
            ),
            models.Index(
                fields=("dimension_set", "ledger", "entry_date", "entry"),
                condition=Q(dimension_set__isnull=False),
                name="line_by_dimension",
            ),
        )

    def __str__(self) -> str:
        """Return position, account and amount."""
        return f"{self.position}: {self.account_id} {self.base_amount}"

    @property
    def own_amount(self) -> Decimal:
        """The amount in the line's currency, as it stands in its column."""
        return self.amount * self.side
