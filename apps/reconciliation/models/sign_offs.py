r"""Sign-offs: what two people said of a run, and what was open then.

    prepared → signed
         \___→ returned

A signed one is for ever. When it has to be undone, two people withdraw it: its run is free
again, a newer run of the same days is signed off in its place, and what it said stays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.reconciliation.models.items import BUCKETS, SIDES
from apps.reconciliation.models.runs import ReconciliationRun

if TYPE_CHECKING:
    from typing import Self


class SignOffQuerySet(models.QuerySet["SignOff"]):
    """Sign-offs, read by what they are worth now."""

    def in_force(self) -> Self:
        """Return those that were signed and not withdrawn."""
        return self.filter(state=SignOff.State.SIGNED).exclude(withdrawals__state="confirmed")


class SignOff(models.Model):
    """One preparation of a run, and its signature.

    `proof` is canonical JSON of exact texts. `digest` is SHA-256 over all results as they were:
    matched rows with their groups, and open rows. `seal` is SHA-256 over the files of
    statements, the rules, the proof and that digest.
    """

    class State(models.TextChoices):
        PREPARED = "prepared", _("waits for its review")
        SIGNED = "signed", _("signed off")
        RETURNED = "returned", _("returned")

    run = models.ForeignKey(
        ReconciliationRun, models.PROTECT, related_name="sign_offs", verbose_name=_("run")
    )
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.PREPARED)
    proof = models.TextField(_("proof"))
    digest = models.CharField(max_length=64)
    seal = models.CharField(_("seal"), max_length=64)
    supersedes = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="superseded_by"
    )
    trace_id = models.CharField(max_length=32, blank=True)
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("prepared by"),
    )
    prepared_at = models.DateTimeField(_("prepared at"), auto_now_add=True)
    notes = models.CharField(_("notes"), max_length=2000, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("reviewed by"),
    )
    reviewed_at = models.DateTimeField(_("reviewed at"), null=True)
    review_notes = models.CharField(_("notes of the review"), max_length=2000, blank=True)

    objects = SignOffQuerySet.as_manager()

    class Meta:
        verbose_name = _("sign-off")
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("run",), condition=Q(state="prepared"), name="run_is_prepared_once"
            ),
            models.UniqueConstraint(
                fields=("run",), condition=Q(state="signed"), name="run_is_signed_off_once"
            ),
            models.CheckConstraint(
                condition=~Q(state="signed") | ~Q(reviewed_by=F("prepared_by")),
                name="sign_off_takes_two_people",
            ),
            models.CheckConstraint(
                condition=Q(state="prepared", reviewed_by=None, reviewed_at=None)
                | Q(reviewed_by__isnull=False, reviewed_at__isnull=False)
                & ~Q(state="prepared"),
                name="sign_off_is_reviewed_by_somebody",
            ),
        )

    def __str__(self) -> str:
        """Return the run."""
        return str(self.run)


class CarriedItem(models.Model):
    """A row that was open when its run was signed off, as it was then."""

    pk = models.CompositePrimaryKey("sign_off_id", "side", "item_id")
    sign_off = models.ForeignKey(SignOff, models.PROTECT, related_name="carried")
    side = models.CharField(_("side"), max_length=9, choices=SIDES)
    item_id = models.BigIntegerField()
    category = models.CharField(_("category"), max_length=14, choices=BUCKETS)
    # How far people were with it, where they had begun.
    state = models.CharField(_("state"), max_length=20, blank=True)
    amount = models.DecimalField(_("amount"), max_digits=20, decimal_places=4)
    currency = models.CharField(_("currency"), max_length=3)
    since = models.DateField(_("day"))

    class Meta:
        verbose_name = _("carried row")

    def __str__(self) -> str:
        """Return side, key and category."""
        return f"{self.side} {self.item_id}: {self.category}"


class SignOffWithdrawal(models.Model):
    """Somebody asks to undo a sign-off, and another person decides."""

    class State(models.TextChoices):
        ASKED = "asked", _("asked for")
        CONFIRMED = "confirmed", _("withdrawn")
        DECLINED = "declined", _("declined")

    sign_off = models.ForeignKey(SignOff, models.PROTECT, related_name="withdrawals")
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.ASKED)
    reason = models.CharField(_("reason"), max_length=500)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by")
    )
    asked_at = models.DateTimeField(_("when"), auto_now_add=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("withdrawal of a sign-off")
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("sign_off",),
                condition=Q(state__in=("asked", "confirmed")),
                name="sign_off_is_withdrawn_once",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="withdrawal_has_a_reason"),
            models.CheckConstraint(
                condition=Q(state="asked", decided_by=None, decided_at=None)
                | Q(decided_by__isnull=False, decided_at__isnull=False) & ~Q(state="asked"),
                name="withdrawal_is_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state="confirmed") | ~Q(decided_by=F("asked_by")),
                name="withdrawal_takes_two_people",
            ),
        )

    def __str__(self) -> str:
        """Return the sign-off and the state."""
        return f"{self.sign_off}: {self.state}"
