"""What people matched themselves, and what they had written off; each can be told back."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Abs
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from apps.core.models import VersionedModel
from apps.statements.models.files import amount_field


class HandMatch(VersionedModel):
    """Rows that a person put into one group; undone until the run is signed off.

    `delta` is what the statement has more than the books, never more than `allowed`, which the
    rules of the channel said then. `before` are the results that the rows had, to go back to.
    PostgreSQL proves at the commit that the rows of the group are so many and add up.
    """

    class Kind(models.TextChoices):
        MANUAL = "manual", _("by hand")
        SUGGESTION = "suggestion", _("suggestion accepted")
        WRITTEN_OFF = "written_off", _("with a write-off")

    organization = models.ForeignKey(
        "organizations.Organization", models.PROTECT, related_name="+", db_index=False
    )
    channel = models.ForeignKey(
        "statements.Channel", models.PROTECT, related_name="hand_matches"
    )
    group_id = models.BigIntegerField()
    kind = models.CharField(_("kind"), max_length=11, choices=Kind, default=Kind.MANUAL)
    row_count = models.PositiveSmallIntegerField(_("rows"))
    delta = amount_field(_("difference"))
    allowed = amount_field(_("allowed difference"))
    currency = models.CharField(_("currency"), max_length=3)
    before = models.JSONField(default=list)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by")
    )
    is_undone = models.BooleanField(_("undone"), default=False)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("match by hand")
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("channel", "group_id"),
                condition=Q(is_undone=False),
                name="group_is_made_by_hand_once",
            ),
            models.CheckConstraint(
                condition=Q(allowed__gte=Abs(F("delta"))), name="hand_match_is_within_the_rules"
            ),
            models.CheckConstraint(
                condition=Q(row_count__gte=2), name="hand_match_has_two_rows"
            ),
        )

    def __str__(self) -> str:
        """Return the group and its rows."""
        return f"{self.group_id}: {self.row_count}"


class WriteOff(VersionedModel):
    r"""A difference that an entry of its own takes out of the way.

        proposed → booked (the entry is posted, and matched with the rows)
               \──→ dropped (the entry never will be)

    The entry goes through the flows of the ledger; nothing here posts or approves.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", _("proposed")
        BOOKED = "booked", _("booked")
        DROPPED = "dropped", _("dropped")

    organization = models.ForeignKey(
        "organizations.Organization", models.PROTECT, related_name="+", db_index=False
    )
    channel = models.ForeignKey("statements.Channel", models.PROTECT, related_name="write_offs")
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.PROPOSED)
    entry = models.OneToOneField(
        "ledgers.JournalEntry", models.PROTECT, related_name="write_off"
    )
    amount = amount_field(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    reason = models.CharField(_("reason"), max_length=500)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by")
    )
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("write-off")
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(condition=~Q(amount=0), name="write_off_is_not_nothing"),
            models.CheckConstraint(condition=~Q(reason=""), name="write_off_has_a_reason"),
        )

    def __str__(self) -> str:
        """Return amount and currency."""
        return f"{self.amount} {self.currency}"
