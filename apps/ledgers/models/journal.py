"""Journal entries 凭证 and their lines 分录.

    draft → submitted → approved → posted          (posted is final)
      ↑________|___________|          withdraw, reject · un-approve 反审核 goes back one step
    draft → cancelled                 作废: the row stays, it never had a number

An entry gets its number at posting. A correction is one linked reversal.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from apps.core.models import VersionedModel
from apps.ledgers.models.choices import (
    UNPOSTED_STATES,
    WORD_ABBREVIATIONS,
    EntryKind,
    EntryState,
    Word,
)

if TYPE_CHECKING:
    from apps.organizations.models import User


class JournalEntryQuerySet(models.QuerySet["JournalEntry"]):
    """Reads of journal entries."""

    def waiting_for_approval_by(self, user: User) -> JournalEntryQuerySet:
        """Return submitted entries that the user did not make."""
        return self.filter(state=EntryState.SUBMITTED).exclude(maker=user)

    def waiting_to_be_posted(self) -> JournalEntryQuerySet:
        """Return approved entries."""
        return self.filter(state=EntryState.APPROVED)

    def drafts_of(self, user: User) -> JournalEntryQuerySet:
        """Return the user's drafts."""
        return self.filter(state=EntryState.DRAFT, maker=user)

    def returned_to(self, user: User) -> JournalEntryQuerySet:
        """Return the user's drafts that somebody sent back."""
        return self.drafts_of(user).exclude(review_note="")

    def posted(self) -> JournalEntryQuerySet:
        """Return posted entries."""
        return self.filter(state=EntryState.POSTED)

    def unposted(self) -> JournalEntryQuerySet:
        """Return entries that still want a decision: neither posted nor cancelled."""
        return self.filter(state__in=UNPOSTED_STATES)


class JournalEntry(VersionedModel):
    """A journal entry; `total` is the sum of its debits in the base currency."""

    class Source(models.TextChoices):
        MANUAL = "manual", _("manual")
        IMPORT = "import", _("import")
        SYSTEM = "system", _("system")

    # Constrained together by entry_period_is_of_ledger; `entry_by_date` begins with the ledger.
    ledger = models.ForeignKey(
        "ledgers.Ledger",
        models.PROTECT,
        related_name="entries",
        db_index=False,
        db_constraint=False,
    )
    period = models.ForeignKey(
        "ledgers.Period", models.PROTECT, related_name="entries", db_constraint=False
    )
    word = models.CharField(_("word"), max_length=8, choices=Word, default=Word.GENERAL)
    number = models.PositiveIntegerField(_("number"), null=True, blank=True)
    entry_date = models.DateField(_("entry date"))
    kind = models.CharField(
        _("kind"), max_length=16, choices=EntryKind, default=EntryKind.ORDINARY
    )
    state = models.CharField(
        _("state"), max_length=9, choices=EntryState, default=EntryState.DRAFT
    )
    source = models.CharField(_("source"), max_length=6, choices=Source, default=Source.MANUAL)
    summary = models.CharField(_("summary"), max_length=200, blank=True)
    total = models.DecimalField(_("total"), max_digits=20, decimal_places=4, default=Decimal(0))
    reversal_of = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="reversals", db_index=False
    )
    # Guards ask that maker and checker are of the organization, which says more than a key;
    # users are never deleted.
    maker = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("maker"),
        db_constraint=False,
    )
    checker = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("checker"),
        db_constraint=False,
        db_index=False,
    )
    poster = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("poster"),
        db_index=False,
    )
    submitted_at = models.DateTimeField(_("submitted at"), null=True)
    approved_at = models.DateTimeField(_("approved at"), null=True)
    posted_at = models.DateTimeField(_("posted at"), null=True)
    review_note = models.CharField(_("reason of the return"), max_length=500, blank=True)
    # Unique for each ledger: the same call twice gives the same entry once.
    idempotency_key = models.CharField(max_length=100, null=True, blank=True)  # noqa: DJ001
    payload_hash = models.CharField(max_length=64, blank=True)
    # SHA-256 over header and lines, fixed at submission; see ledgers_content_hash().
    content_hash = models.CharField(max_length=64, blank=True)
    journal_import = models.ForeignKey(
        "ledgers.JournalImport",
        models.PROTECT,
        null=True,
        related_name="entries",
        db_index=False,
    )
    # The finance policy that was read for it, none where nobody had confirmed one. Without a
    # constraint of its own: the guards compare it with the ledger's organization.
    policy = models.ForeignKey(
        "policies.FinancePolicy",
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name=_("finance policy"),
    )
    history = HistoricalRecords()

    objects = JournalEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("journal entry")
        constraints = (
            models.UniqueConstraint(
                fields=("ledger", "period", "word", "number"),
                condition=Q(number__isnull=False),
                name="entry_number_is_unique",
            ),
            models.UniqueConstraint(
                fields=("ledger", "idempotency_key"),
                condition=Q(idempotency_key__isnull=False),
                name="entry_idempotency_key_is_unique",
            ),
            models.CheckConstraint(
                condition=Q(state=EntryState.POSTED, number__isnull=False)
                | (~Q(state=EntryState.POSTED) & Q(number__isnull=True)),
                name="entry_has_a_number_exactly_when_posted",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=(EntryState.APPROVED, EntryState.POSTED))
                | (Q(checker__isnull=False) & ~Q(checker=F("maker"))),
                name="entry_maker_is_not_checker",
            ),
            # A cancelled reversal undoes nothing and leaves room for another.
            models.UniqueConstraint(
                fields=("reversal_of",),
                condition=Q(reversal_of__isnull=False) & ~Q(state=EntryState.CANCELLED),
                name="entry_is_reversed_once",
            ),
            models.CheckConstraint(
                condition=Q(reversal_of=None) | ~Q(reversal_of=F("id")),
                name="entry_does_not_reverse_itself",
            ),
        )
        indexes = (
            # All that the journal's filters ask for, so that they need not read the table.
            models.Index(
                fields=("ledger", "-entry_date", "-id"),
                include=(
                    "period",
                    "word",
                    "number",
                    "kind",
                    "state",
                    "maker",
                    "total",
                    "summary",
                ),
                name="entry_by_date",
            ),
            models.Index(
                fields=("ledger", "state", "-entry_date"),
                condition=~Q(state=EntryState.POSTED),
                name="entry_unposted",
            ),
            models.Index(
                fields=("journal_import",),
                condition=Q(journal_import__isnull=False),
                name="entry_of_import",
            ),
        )

    def __str__(self) -> str:
        """Return the number as people write it, or the draft's own."""
        if self.number is None:
            return f"#{self.pk}"
        return f"{WORD_ABBREVIATIONS[Word(self.word)]}-{self.period}-{self.number:04}"

    def get_absolute_url(self) -> str:
        """Return the page of the entry."""
        return reverse("ledgers:journal_entry_detail", args=(self.ledger.code, self.pk))
