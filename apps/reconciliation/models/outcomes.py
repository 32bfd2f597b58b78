"""What a run made of its rows, kept when it ended: rates are told over time by it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.reconciliation.models.items import BUCKETS, SIDES
from apps.reconciliation.models.runs import ReconciliationRun
from apps.statements.models.files import amount_field


class RunOutcome(models.Model):
    """How many rows of a side and currency a run put into a bucket, and what they come to.

    `value` is the sum of their amounts without signs, in the currency. Later runs and people
    change what became of rows; this stays as the run left it.
    """

    run = models.ForeignKey(ReconciliationRun, models.PROTECT, related_name="outcomes")
    side = models.CharField(_("side"), max_length=9, choices=SIDES)
    currency = models.CharField(_("currency"), max_length=3)
    bucket = models.CharField(_("bucket"), max_length=14, choices=BUCKETS)
    count = models.PositiveIntegerField(_("rows"))
    value = amount_field(_("value"))

    class Meta:
        verbose_name = _("outcome of a run")
        constraints = (
            models.UniqueConstraint(
                fields=("run", "side", "currency", "bucket"), name="run_tells_a_bucket_once"
            ),
            models.CheckConstraint(
                condition=Q(count__gt=0, value__gte=0), name="outcome_is_of_some_rows"
            ),
        )

    def __str__(self) -> str:
        """Return side, bucket and count."""
        return f"{self.side} {self.bucket}: {self.count}"
