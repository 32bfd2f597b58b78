"""Rows that people split into parts, so that each part is worked on as a row of its own.

line 100.00 ── split ──→ part 1 of 2  60.00   matched with what is booked
                         part 2 of 2  40.00   open until its counterpart comes
                             └─ split again ─→ 25.00, 15.00
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from apps.core.models import VersionedModel
from apps.core.money import minor_digits
from apps.reconciliation.models.items import SIDES
from apps.reconciliation.models.runs import ReconciliationRun
from apps.statements.models.files import amount_field


class RowSplit(VersionedModel):
    """One row that its parts stand for, until the split is undone.

    `item_id` is what was split: a line, or a part of one; `line_id` is the line in any case.
    `run` is the one whose result the row had, `undone_run` the one whose results the parts had
    when they were put back together: a proof of a run shows rows as that run knew them.
    `before` is the row's result, to go back to. PostgreSQL proves at the commit that the parts
    add up to the row, and that either the row or its parts are in buckets.
    """

    organization = models.ForeignKey(
        "organizations.Organization", models.PROTECT, related_name="+", db_index=False
    )
    channel = models.ForeignKey("statements.Channel", models.PROTECT, related_name="splits")
    side = models.CharField(_("side"), max_length=9, choices=SIDES)
    item_id = models.BigIntegerField()
    line_id = models.BigIntegerField()
    run = models.ForeignKey(ReconciliationRun, models.PROTECT, related_name="splits")
    part_count = models.PositiveSmallIntegerField(_("parts"))
    amount = amount_field(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    before = models.JSONField(default=dict)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by")
    )
    is_undone = models.BooleanField(_("undone"), default=False)
    undone_run = models.ForeignKey(
        ReconciliationRun, models.PROTECT, null=True, related_name="undone_splits"
    )
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("split row")
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("channel", "side", "item_id"),
                condition=Q(is_undone=False),
                name="row_is_split_once",
            ),
            models.CheckConstraint(condition=Q(part_count__gte=2), name="split_has_two_parts"),
            models.CheckConstraint(
                condition=Q(is_undone=True, undone_run__isnull=False)
                | Q(is_undone=False, undone_run=None),
                name="split_is_undone_in_a_run",
            ),
        )

    def __str__(self) -> str:
        """Return the amount and how many parts it has."""
        return f"{self.amount} {self.currency}: {self.part_count}"

    def counts_for(self, run: ReconciliationRun) -> bool:
        """Whether a run knew the parts, and not the row."""
        was_undone = self.undone_run_id is not None and self.undone_run_id <= run.pk
        return self.run_id <= run.pk and not was_undone


class RowPart(models.Model):
    """A part of a row, which has day, texts and side of its line, and an amount of its own.

    `item_id` comes from the sequence of the lines of its side, so that no other row has it as
    its key. A part never changes; those of an undone split are in no bucket any more.
    """

    split = models.ForeignKey(RowSplit, models.PROTECT, related_name="parts", db_index=False)
    channel = models.ForeignKey("statements.Channel", models.PROTECT, related_name="+")
    side = models.CharField(_("side"), max_length=9, choices=SIDES)
    item_id = models.BigIntegerField()
    line_id = models.BigIntegerField()
    position = models.PositiveSmallIntegerField(_("part"))
    amount = amount_field(_("amount"))
    note = models.CharField(_("note"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("part of a row")
        ordering = ("split", "position")
        constraints = (
            models.UniqueConstraint(fields=("side", "item_id"), name="part_is_one_row"),
            models.UniqueConstraint(
                fields=("split", "position"), name="part_has_a_place_of_its_own"
            ),
            models.CheckConstraint(condition=~Q(amount=0), name="part_is_not_nothing"),
        )
        indexes = (models.Index(fields=("side", "line_id"), name="part_by_line"),)

    def __str__(self) -> str:
        """Return which part of what it is, in the reader's language."""
        digits = minor_digits(self.split.currency)
        return gettext("part %(position)s of %(count)s of %(whole)s") % {
            "position": self.position,
            "count": self.split.part_count,
            "whole": f"{self.split.amount:,.{digits}f}",
        }
