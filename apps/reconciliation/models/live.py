"""What has come since the last run of a channel, matched as it happens.

Provisional: the next run finds the same rows in books and statements and decides. What it
leaves open begins here anew, so that a row that comes later finds it.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.reconciliation.models.items import SIDES


class LiveItem(models.Model):
    """A row with its reference in one spelling; an empty bucket is an open row.

    `amount` and `delta` are whole minor units of `currency`, `day` is the number of `on` in the
    calendar of the rules. Groups and partners are as in MatchedItem. `item_id` is a line of the
    books or of a statement; a line of another ledger, told by an event, has its own key, and
    the lines of the channel's statements stand beside it as negative numbers.
    """

    pk = models.CompositePrimaryKey("channel_id", "side", "item_id")
    channel = models.ForeignKey(
        "statements.Channel",
        models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    side = models.CharField(_("side"), max_length=9, choices=SIDES)
    item_id = models.BigIntegerField()
    reference = models.CharField(_("reference"), max_length=500, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    amount = models.BigIntegerField(_("amount"))
    on = models.DateField(_("day"))
    day = models.IntegerField()
    bucket = models.CharField(_("bucket"), max_length=9, blank=True)
    group_id = models.BigIntegerField(null=True)
    partner_id = models.BigIntegerField(null=True)
    delta = models.BigIntegerField(_("difference"), default=0)
    happened_at = models.DateTimeField(_("happened at"))
    matched_at = models.DateTimeField(_("matched at"), null=True)

    class Meta:
        verbose_name = _("row since the last run")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(
                    bucket__in=(
                        "",
                        "exact",
                        "date",
                        "reversal",
                        "duplicate",
                        "group",
                        "tolerance",
                    )
                ),
                name="live_bucket_is_known",
            ),
        )
        indexes = (
            models.Index(
                models.Func("reference", "channel_id", function="hashtextextended"),
                condition=~models.Q(reference=""),
                name="live_by_hash",
            ),
        )

    def __str__(self) -> str:
        """Return side, key and bucket."""
        return f"{self.side} {self.item_id}: {self.bucket or 'open'}"
