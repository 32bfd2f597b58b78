"""What became of each row of the books and of statements."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.reconciliation.domain.buckets import Bucket, Side
from apps.reconciliation.models.runs import ReconciliationRun

BUCKETS = [(bucket.value, bucket.value) for bucket in Bucket]
SIDES = [(side.value, side.value) for side in Side]


class MatchedItem(models.Model):
    """One row's bucket; the primary key lets each row be in one only.

    `item_id` is a JournalLine of the channel's account, or a StatementLine. `group_id` is the
    lowest key of the group's rows of the books, or the lowest of the statement's as a negative
    number where the books have none; it is the group's name within the channel. `partner_id`
    is the other one of a pair. `delta` is what the statement has more than the books; it stands
    on the group's lowest row of the statement. A row in an open bucket is replaced by the next
    run. Keys to other tables are proved by the commit and by verify_books, not one by one.
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
    run = models.ForeignKey(
        ReconciliationRun,
        models.PROTECT,
        related_name="items",
        db_constraint=False,
        db_index=False,
    )
    bucket = models.CharField(_("bucket"), max_length=14, choices=BUCKETS)
    group_id = models.BigIntegerField(null=True)
    partner_id = models.BigIntegerField(null=True)
    amount = models.DecimalField(_("amount"), max_digits=20, decimal_places=4)
    currency = models.CharField(_("currency"), max_length=3)
    delta = models.DecimalField(
        _("difference"), max_digits=20, decimal_places=4, default=0, db_default=0
    )
    # Nearly all rows are exact pairs, whose rule and difference are not sent.
    pass_name = models.CharField(
        _("rule"), max_length=20, blank=True, default="", db_default="exact"
    )
    # How alike a suggested pair is, of 100.
    score = models.PositiveSmallIntegerField(_("score"), null=True)

    class Meta:
        verbose_name = _("matched row")
        constraints = (
            models.CheckConstraint(
                condition=Q(side__in=[side.value for side in Side]), name="item_side_is_known"
            ),
            models.CheckConstraint(
                condition=Q(bucket__in=[bucket.value for bucket in Bucket]),
                name="item_bucket_is_known",
            ),
            models.CheckConstraint(
                condition=Q(group_id__isnull=False)
                | Q(bucket__in=("ambiguous", "missing_ext", "missing_int", "invalid")),
                name="item_is_in_a_group",
            ),
        )
        indexes = (
            # Nearly all rows are exact pairs, which their partner finds; the others are listed.
            models.Index(
                fields=("channel", "bucket", "side", "item_id"),
                condition=~Q(bucket="exact"),
                name="item_by_bucket",
            ),
            models.Index(
                fields=("channel", "group_id"),
                condition=~Q(bucket="exact"),
                name="item_by_group",
            ),
        )

    def __str__(self) -> str:
        """Return side, key and bucket."""
        return f"{self.side} {self.item_id}: {self.bucket}"
