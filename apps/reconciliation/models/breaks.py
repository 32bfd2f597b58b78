r"""Breaks: rows that no run could match, and the work of people on them.

    open → assigned → waiting, disputed, proposed → resolved
      \_______________________________________________/

A break belongs to one row of the books or of a statement for as long as the channel lives: a
later run that matches the row resolves it, one that cannot leaves it as it is.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from apps.core.models import VersionedModel
from apps.reconciliation.models.hand_matches import WriteOff
from apps.reconciliation.models.items import BUCKETS, SIDES
from apps.reconciliation.models.runs import ReconciliationRun
from apps.reconciliation.words import BreakCategory, BreakState, Resolution
from apps.statements.models.files import amount_field


class Break(VersionedModel):
    """One row that is not matched.

    `booked_on`, `amount` and `currency` are the row's own, so that ageing counts from its day.
    `at_risk` is by how much books and outside differ because of it: the difference of its group
    where a run found one, else the whole amount; never negative. `bucket`, `group_id` and
    `score` are what the newest run that found something new about it says; that is `last_run`.
    `first_run` opened it. Keys to channel and runs are proved by verify_books.
    """

    organization = models.ForeignKey(
        "organizations.Organization", models.PROTECT, related_name="+", db_index=False
    )
    channel = models.ForeignKey(
        "statements.Channel",
        models.PROTECT,
        related_name="breaks",
        db_constraint=False,
        db_index=False,
        verbose_name=_("channel"),
    )
    side = models.CharField(_("side"), max_length=9, choices=SIDES)
    item_id = models.BigIntegerField()
    first_run = models.ForeignKey(
        ReconciliationRun,
        models.PROTECT,
        related_name="opened_breaks",
        db_constraint=False,
        db_index=False,
    )
    last_run = models.ForeignKey(
        ReconciliationRun,
        models.PROTECT,
        related_name="changed_breaks",
        db_constraint=False,
        db_index=False,
    )
    category = models.CharField(_("category"), max_length=14, choices=BreakCategory)
    bucket = models.CharField(max_length=14, choices=BUCKETS)
    group_id = models.BigIntegerField(null=True)
    score = models.PositiveSmallIntegerField(_("score"), null=True)
    state = models.CharField(
        _("state"), max_length=8, choices=BreakState, default=BreakState.OPEN
    )
    resolution = models.CharField(
        _("how it ended"), max_length=11, choices=Resolution, default="", blank=True
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("owner"),
    )
    booked_on = models.DateField(_("day"))
    amount = amount_field(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    at_risk = amount_field(_("at risk"))
    waits_until = models.DateField(_("waits until"), null=True)
    # The entry that is to take it out of the way.
    write_off = models.ForeignKey(
        WriteOff, models.PROTECT, null=True, related_name="breaks", verbose_name=_("write-off")
    )
    # What the person who last changed it gave as the reason.
    note = models.CharField(_("note"), max_length=500, blank=True)
    # Its rows are looked for by their break alone, and a run may write 50,000.
    history = HistoricalRecords(
        no_db_index=(
            "organization",
            "channel",
            "first_run",
            "last_run",
            "owner",
            "write_off",
            "updated_by",
        )
    )

    class Meta:
        verbose_name = _("break")
        constraints = (
            models.UniqueConstraint(
                fields=("channel", "side", "item_id"), name="row_has_one_break"
            ),
            models.CheckConstraint(
                condition=Q(state="resolved") ^ Q(resolution=""),
                name="break_is_resolved_somehow",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", waits_until__isnull=False)
                | ~Q(state="waiting") & Q(waits_until=None),
                name="break_waits_until_a_day",
            ),
            models.CheckConstraint(
                condition=~Q(state="assigned") | Q(owner__isnull=False),
                name="break_is_assigned_to_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state="proposed") | Q(write_off__isnull=False),
                name="break_is_proposed_with_a_write_off",
            ),
            models.CheckConstraint(
                condition=Q(at_risk__gte=0), name="break_risks_no_less_than_nothing"
            ),
        )
        indexes = (
            models.Index(
                fields=("organization", "booked_on", "id"),
                condition=~Q(state="resolved"),
                name="break_open_by_day",
            ),
            models.Index(
                fields=("organization", "at_risk", "id"),
                condition=~Q(state="resolved"),
                name="break_open_by_risk",
            ),
            models.Index(fields=("channel", "group_id"), name="break_by_group"),
            models.Index(fields=("last_run",), name="break_by_last_run"),
        )

    def __str__(self) -> str:
        """Return side, key and category."""
        return f"{self.side} {self.item_id}: {self.category}"

    @property
    def badge(self) -> str:
        """The state as its badge is drawn: open is nothing good, as it is of a period."""
        return "unassigned" if self.state == BreakState.OPEN else self.state

    def get_absolute_url(self) -> str:
        """Return the page of the break."""
        return reverse("reconciliation:break_detail", args=(self.pk,))


class BreakRollForward(models.Model):
    """What a run made of the breaks of a category: brought + opened − cleared = carried.

    Counts of rows and sums of what is at risk, both under the category that the run found.
    """

    run = models.ForeignKey(ReconciliationRun, models.PROTECT, related_name="roll_forward")
    category = models.CharField(_("category"), max_length=14, choices=BreakCategory)
    currency = models.CharField(_("currency"), max_length=3)
    brought = models.PositiveIntegerField(_("brought forward"))
    opened = models.PositiveIntegerField(_("new"))
    cleared = models.PositiveIntegerField(_("cleared"))
    carried = models.PositiveIntegerField(_("carried forward"))
    brought_at_risk = amount_field(_("at risk"))
    opened_at_risk = amount_field(_("at risk"))
    cleared_at_risk = amount_field(_("at risk"))
    carried_at_risk = amount_field(_("at risk"))

    class Meta:
        verbose_name = _("roll-forward of breaks")
        ordering = ("run", "category", "currency")
        constraints = (
            models.UniqueConstraint(
                fields=("run", "category", "currency"), name="run_rolls_a_category_once"
            ),
            models.CheckConstraint(
                condition=Q(
                    carried=models.F("brought") + models.F("opened") - models.F("cleared")
                )
                & Q(
                    carried_at_risk=models.F("brought_at_risk")
                    + models.F("opened_at_risk")
                    - models.F("cleared_at_risk")
                ),
                name="roll_forward_adds_up",
            ),
        )

    def __str__(self) -> str:
        """Return the category with its counts."""
        return f"{self.category}: {self.brought} + {self.opened} − {self.cleared}"
