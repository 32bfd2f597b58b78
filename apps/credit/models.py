"""Credit checks and the breaker's course.

    CreditCheck        one question to the bureau and what it came to; never changed
    BreakerTransition  one change of an organization's breaker, by calls or by a person

The breaker itself lives in Redis, since it is only worth as much as the last half minute.
That somebody forced it open is a decision of a person: it lives here and outlives Redis.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.core.identity import uuid7
from apps.credit.domain.checks import Outcome as DomainOutcome
from apps.credit.domain.checks import Source as DomainSource

LONGEST_NAME = 120


class CreditCheckQuerySet(models.QuerySet["CreditCheck"]):
    """Reads of checks."""

    def latest_score(
        self, organization_id: int, counterparty: str, *, since: datetime
    ) -> CreditCheck | None:
        """Return the newest live check of a counterparty that is not older than `since`."""
        rows = self.filter(organization_id=organization_id, counterparty=counterparty)
        found = rows.filter(source=DomainSource.LIVE, scored_at__gt=since)
        return found.order_by("-scored_at", "-id").first()


class CreditCheck(models.Model):
    """One check. `scored_at` is when the bureau gave the score, which may be long before."""

    class Source(models.TextChoices):
        LIVE = DomainSource.LIVE.value, pgettext_lazy("score", "live")
        CACHED = DomainSource.CACHED.value, _("cached")
        NONE = DomainSource.NONE.value, _("no score")

    class Outcome(models.TextChoices):
        ANSWERED = DomainOutcome.ANSWERED.value, _("answered")
        NOT_CONFIGURED = DomainOutcome.NOT_CONFIGURED.value, _("no bureau is set up")
        FORCED_OPEN = DomainOutcome.FORCED_OPEN.value, _("breaker forced open")
        BREAKER_OPEN = DomainOutcome.BREAKER_OPEN.value, _("breaker open")
        TOO_MANY_PROBES = DomainOutcome.TOO_MANY_PROBES.value, _("breaker tries others first")
        TIMED_OUT = DomainOutcome.TIMED_OUT.value, _("no answer in time")
        UNREACHABLE = DomainOutcome.UNREACHABLE.value, _("bureau not reached")
        BUREAU_FAILED = DomainOutcome.BUREAU_FAILED.value, _("bureau failed")
        REFUSED = DomainOutcome.REFUSED.value, _("bureau refused the question")
        UNREADABLE = DomainOutcome.UNREADABLE.value, _("answer not understood")

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    organization = models.ForeignKey(
        "organizations.Organization", models.PROTECT, related_name="+"
    )
    counterparty = models.CharField(_("counterparty"), max_length=LONGEST_NAME)
    amount = models.DecimalField(_("amount"), max_digits=20, decimal_places=4)
    currency = models.ForeignKey(
        "organizations.Currency", models.PROTECT, related_name="+", verbose_name=_("currency")
    )
    source = models.CharField(_("source"), max_length=6, choices=Source)
    outcome = models.CharField(_("outcome"), max_length=20, choices=Outcome)
    score = models.PositiveSmallIntegerField(_("score"), null=True)
    is_good = models.BooleanField(pgettext_lazy("score", "good"))
    needs_person = models.BooleanField(_("a person decides"))
    scored_at = models.DateTimeField(_("score of"), null=True)
    duration_ms = models.PositiveIntegerField(_("milliseconds"), default=0)
    trace_id = models.CharField(_("trace"), max_length=32, blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("by"),
    )
    at = models.DateTimeField(_("when"))

    objects = CreditCheckQuerySet.as_manager()

    class Meta:
        verbose_name = _("credit check")
        ordering = ("-id",)
        indexes = (
            models.Index(
                fields=("organization", "counterparty", "-scored_at"),
                condition=Q(source="live"),
                name="credit_check_live_score",
            ),
            models.Index(fields=("organization", "-id"), name="credit_check_recent"),
            models.Index(fields=("organization", "at", "source"), name="credit_check_by_time"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(source="none", score=None, scored_at=None, is_good=False)
                | Q(
                    source__in=("live", "cached"), score__isnull=False, scored_at__isnull=False
                ),
                name="credit_check_has_a_score_or_no_source",
            ),
            models.CheckConstraint(
                condition=Q(source="live", outcome="answered")
                | ~Q(source="live") & ~Q(outcome="answered"),
                name="credit_check_is_live_when_answered",
            ),
            models.CheckConstraint(
                condition=Q(is_good=True) | Q(needs_person=True),
                name="credit_check_that_is_not_good_needs_a_person",
            ),
        )

    def __str__(self) -> str:
        """Return the counterparty and the score."""
        return f"{self.counterparty}: {self.score}"

    @property
    def age(self) -> timedelta | None:
        """How old the score was when it was used."""
        return None if self.scored_at is None else self.at - self.scored_at


class BreakerTransitionQuerySet(models.QuerySet["BreakerTransition"]):
    """Reads of transitions."""

    def of(self, organization_id: int) -> Self:
        """Return those of an organization."""
        return self.filter(organization_id=organization_id)

    def force_in_effect(self, organization_id: int) -> BreakerTransition | None:
        """Return the step by which somebody forced the breaker open, unless it was reset."""
        by_people = self.of(organization_id).exclude(person=None)
        last = by_people.select_related("person").order_by("-id").first()
        return last if last and last.cause == BreakerTransition.Cause.FORCED else None


class BreakerTransition(models.Model):
    """One change of a breaker, `failures` of `calls` in the window being what caused it."""

    class State(models.TextChoices):
        CLOSED = "closed", pgettext_lazy("breaker", "closed")
        OPEN = "open", pgettext_lazy("breaker", "open")
        HALF_OPEN = "half_open", pgettext_lazy("breaker", "half open")
        FORCED_OPEN = "forced_open", pgettext_lazy("breaker", "forced open")

    class Cause(models.TextChoices):
        FAILURES = "failures", _("too many failures")
        WAIT_IS_OVER = "wait_is_over", _("the wait is over")
        PROBE_FAILED = "probe_failed", _("a trial failed")
        PROBES_PASSED = "probes_passed", _("all trials succeeded")
        FORCED = "forced", _("forced open by a person")
        RESET = "reset", _("reset by a person")

    organization = models.ForeignKey(
        "organizations.Organization", models.PROTECT, related_name="+"
    )
    before = models.CharField(_("from"), max_length=11, choices=State)
    after = models.CharField(_("to"), max_length=11, choices=State)
    cause = models.CharField(_("cause"), max_length=13, choices=Cause)
    failures = models.PositiveIntegerField(_("failures"), default=0)
    calls = models.PositiveIntegerField(_("calls"), default=0)
    # One process counted for itself while Redis did not answer.
    is_shared = models.BooleanField(_("in all processes"), default=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("by"),
    )
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    trace_id = models.CharField(_("trace"), max_length=32, blank=True)
    at = models.DateTimeField(_("when"))

    objects = BreakerTransitionQuerySet.as_manager()

    class Meta:
        verbose_name = _("breaker transition")
        ordering = ("-id",)
        indexes = (
            models.Index(fields=("organization", "-id"), name="breaker_transition_recent"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(cause__in=("forced", "reset"), person__isnull=False) & ~Q(reason="")
                | ~Q(cause__in=("forced", "reset")) & Q(person=None),
                name="breaker_step_of_a_person_has_a_reason",
            ),
        )

    def __str__(self) -> str:
        """Return from where to where."""
        return f"{self.before} → {self.after}"
