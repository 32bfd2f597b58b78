"""What customers owe and suppliers are owed, line by line, and what settles it 核销.

    OpenItem 1 ──* ItemMovement *── 0..1 Settlement *── 0..1 JournalEntry (its gain or loss)

Posting a line on a control account opens an item; PostgreSQL does it, so that none is
missed. Amounts are signed as on the line: an invoice to a customer is positive, a receipt
negative. `open_amount` is what is left of `amount`; `carrying_base` is what is left of
`base_amount` after revaluations. Both are kept by the movements alone: on every day, the
items and their movements up to it add up to the control account.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from apps.core.models import VersionedModel


def _money(label: Any, **options: Any) -> models.DecimalField[Any, Any]:
    return models.DecimalField(label, max_digits=20, decimal_places=4, **options)


class OpenItemQuerySet(models.QuerySet["OpenItem"]):
    """Reads of open items."""

    def still_open(self) -> OpenItemQuerySet:
        """Return items of which something is left."""
        return self.exclude(open_amount=0)

    def settled(self) -> OpenItemQuerySet:
        """Return items of which a part or all is settled."""
        return self.exclude(open_amount=F("amount"))

    def opposite_of(self, item: OpenItem) -> OpenItemQuerySet:
        """Return the open items that could settle an item."""
        rows = self.still_open().filter(
            ledger=item.ledger_id,
            account=item.account_id,
            partner=item.partner_id,
            currency=item.currency_id,
        )
        return rows.filter(amount__lt=0) if item.amount > 0 else rows.filter(amount__gt=0)


class OpenItem(models.Model):
    """A posted line on a control account; made by posting, never by hand."""

    ledger = models.ForeignKey(
        "ledgers.Ledger", models.PROTECT, related_name="open_items", db_index=False
    )
    account = models.ForeignKey(
        "ledgers.Account", models.PROTECT, related_name="open_items", db_index=False
    )
    # Customer or supplier; empty where the line names none.
    partner = models.ForeignKey(
        "ledgers.DimensionValue",
        models.PROTECT,
        null=True,
        related_name="open_items",
        db_index=False,
    )
    dimension_set = models.ForeignKey(
        "ledgers.DimensionSet", models.PROTECT, null=True, related_name="+", db_index=False
    )
    entry = models.ForeignKey("ledgers.JournalEntry", models.PROTECT, related_name="open_items")
    line = models.OneToOneField("ledgers.JournalLine", models.PROTECT, related_name="open_item")
    entry_date = models.DateField(_("entry date"))
    due_on = models.DateField(_("due"))
    reference = models.CharField(_("reference"), max_length=80, blank=True, db_default="")
    currency = models.ForeignKey(
        "organizations.Currency", models.PROTECT, related_name="+", db_index=False
    )
    amount = _money(_("amount"))
    base_amount = _money(_("base amount"))
    open_amount = _money(_("open amount"))
    carrying_base = _money(_("carrying amount"))
    version = models.PositiveIntegerField(default=1, db_default=1)

    objects = OpenItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("open item")
        ordering = ("due_on", "id")
        constraints = (
            models.CheckConstraint(condition=~Q(amount=0), name="open_item_has_an_amount"),
            models.CheckConstraint(
                condition=Q(amount__gt=0, open_amount__gte=0, open_amount__lte=F("amount"))
                | Q(amount__lt=0, open_amount__lte=0, open_amount__gte=F("amount")),
                name="open_item_is_never_over_settled",
            ),
        )
        indexes = (
            models.Index(
                fields=("ledger", "account", "partner", "currency"),
                condition=~Q(open_amount=0),
                name="open_item_still_open",
            ),
            models.Index(
                fields=("ledger", "account", "partner", "entry_date"),
                name="open_item_by_partner",
            ),
        )

    def __str__(self) -> str:
        """Return what the item is called."""
        return self.reference or f"#{self.pk}"

    def get_absolute_url(self) -> str:
        """Return the page of the item."""
        return reverse("ledgers:open_item_detail", args=(self.ledger.code, self.pk))


class Settlement(VersionedModel):
    """Items of opposite sign set against each other on a day; undone, never deleted."""

    class State(models.TextChoices):
        ACTIVE = "active", _("settled")
        UNDONE = "undone", _("undone")

    ledger = models.ForeignKey("ledgers.Ledger", models.PROTECT, related_name="settlements")
    account = models.ForeignKey(
        "ledgers.Account", models.PROTECT, related_name="+", db_index=False
    )
    partner = models.ForeignKey(
        "ledgers.DimensionValue", models.PROTECT, null=True, related_name="+", db_index=False
    )
    currency = models.ForeignKey(
        "organizations.Currency", models.PROTECT, related_name="+", db_index=False
    )
    settled_on = models.DateField(_("settled on"))
    # What was settled, positive, in the items' currency; gains positive in base currency.
    amount = _money(_("amount"))
    gain = _money(_("exchange gain or loss"), default=Decimal(0))
    entry = models.OneToOneField(
        "ledgers.JournalEntry", models.PROTECT, null=True, related_name="settlement"
    )
    state = models.CharField(_("state"), max_length=6, choices=State, default=State.ACTIVE)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by")
    )
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("undone by"),
    )
    undone_on = models.DateField(_("undone on"), null=True)
    undo_reason = models.CharField(_("reason"), max_length=200, blank=True)
    # The same form sent twice settles once.
    form_key = models.CharField(max_length=80, null=True, unique=True)  # noqa: DJ001
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("settlement")
        constraints = (
            models.CheckConstraint(condition=Q(amount__gt=0), name="settlement_has_an_amount"),
            models.CheckConstraint(
                condition=Q(state="active", undone_by=None, undone_on=None)
                | Q(state="undone", undone_by__isnull=False, undone_on__isnull=False),
                name="settlement_says_who_undid_it",
            ),
        )

    def __str__(self) -> str:
        """Return the number of the settlement."""
        return f"#{self.pk}"

    def get_absolute_url(self) -> str:
        """Return the page of the settlement."""
        return reverse("ledgers:settlement_detail", args=(self.ledger.code, self.pk))


class ItemMovement(models.Model):
    """A change of what is left of an item, and of its carrying amount; append-only."""

    class Kind(models.TextChoices):
        SETTLEMENT = "settlement", _("settlement")
        UNDO = "undo", _("settlement undone")
        REVALUATION = "revaluation", _("revaluation")
        REVERSAL = "reversal", _("entry reversed")

    item = models.ForeignKey(OpenItem, models.PROTECT, related_name="movements")
    kind = models.CharField(_("kind"), max_length=11, choices=Kind)
    effective_on = models.DateField(_("date"))
    amount = _money(_("amount"))
    base_amount = _money(_("base amount"))
    settlement = models.ForeignKey(
        Settlement, models.PROTECT, null=True, related_name="movements"
    )
    # What carries the base amount in the journal: revaluation, reversal, gain or loss.
    entry = models.ForeignKey(
        "ledgers.JournalEntry", models.PROTECT, null=True, related_name="item_movements"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("movement of an open item")
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(
                condition=~Q(amount=0) | ~Q(base_amount=0), name="movement_moves_something"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=("settlement", "undo"), settlement__isnull=False)
                | Q(kind__in=("revaluation", "reversal"), settlement=None, entry__isnull=False),
                name="movement_has_its_document",
            ),
            models.UniqueConstraint(
                fields=("settlement", "item", "kind"),
                condition=Q(settlement__isnull=False),
                name="movement_of_settlement_is_unique",
            ),
        )

    def __str__(self) -> str:
        """Return what moved."""
        return f"{self.kind} {self.amount}"
