"""Exchange rates.

    Organization 0..1 ──* ExchangeRate *── 0..1 RateImport

A rate says how many units of `to_currency` are worth `per` units of `from_currency`, from
`valid_from` until a newer one of the same pair and type. Its figures never change. A
correction is the next `revision` of the same place: tenant, type, pair and day; the highest
confirmed one counts. A rate without an organization is published (by the ECB, say) and
serves everybody; a tenant's own rate counts for that tenant alone, once a second person has
confirmed it, and wins over a published one of the same day.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from simple_history.models import HistoricalRecords

from apps.core.models import VersionedModel

if TYPE_CHECKING:
    from typing import Self

PER_ONE, PER_HUNDRED = 1, 100
MANUAL = "manual"


class RateType(models.TextChoices):
    """What a rate is good for."""

    SPOT = "spot", pgettext_lazy("rate type", "spot")
    AVERAGE = "average", pgettext_lazy("rate type", "average")
    CLOSING = "closing", pgettext_lazy("rate type", "closing")
    BUDGET = "budget", pgettext_lazy("rate type", "budget")


class RateState(models.TextChoices):
    """Whether a rate may be used."""

    WAITING = "waiting", _("waiting for confirmation")
    CONFIRMED = "confirmed", _("confirmed")
    REJECTED = "rejected", _("rejected")


class RateImport(models.Model):
    """One published file that was read, all of it or nothing.

    An upload belongs to the tenant of whoever sent it, and its rates wait for a second
    person; the command and the scheduled task read for everybody, as the operator.
    """

    class State(models.TextChoices):
        READING = "reading", _("being read")
        WAITING = "waiting", _("waiting for confirmation")
        CONFIRMING = "confirming", _("being confirmed")
        DONE = "done", _("imported")
        REJECTED = "rejected", _("rejected")
        FAILED = "failed", _("refused")

    organization = models.ForeignKey(
        "organizations.Organization", models.PROTECT, null=True, related_name="rate_imports"
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.READING)
    source = models.SlugField(_("source"), max_length=20)
    filename = models.CharField(_("file"), max_length=150)
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    day_count = models.PositiveIntegerField(_("days"), default=0)
    read_count = models.PositiveIntegerField(_("rates in the file"), default=0)
    new_count = models.PositiveIntegerField(_("new rates"), default=0)
    changed_count = models.PositiveIntegerField(_("changed rates"), default=0)
    milliseconds = models.PositiveIntegerField(default=0)
    # A FinanceError as JSON: code, values, text.
    failure = models.TextField(_("failure"), blank=True)
    version = models.PositiveIntegerField(default=1)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("by"),
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)
    created_at = models.DateTimeField(_("when"), auto_now_add=True)

    class Meta:
        verbose_name = _("import of rates")
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(decided_by=None)
                | Q(entered_by=None)
                | ~Q(decided_by=F("entered_by")),
                name="rate_import_is_confirmed_by_another_person",
            ),
        )

    def __str__(self) -> str:
        """Return the name of the file."""
        return self.filename

    def get_absolute_url(self) -> str:
        """Return the page of the import."""
        return reverse("fx:rate_import_detail", args=(self.pk,))


class ExchangeRateQuerySet(models.QuerySet["ExchangeRate"]):
    """Reads of rates."""

    def visible_to(self, organization_id: int) -> Self:
        """Return the tenant's own rates and the published ones."""
        return self.filter(Q(organization=None) | Q(organization_id=organization_id))

    def of_pair(self, one: str, other: str) -> Self:
        """Return the rates of two currencies, whichever way round."""
        return self.filter(
            Q(from_currency=one, to_currency=other) | Q(from_currency=other, to_currency=one)
        )


class ExchangeRate(VersionedModel):
    """`per` units of `from_currency` are worth `rate` units of `to_currency`."""

    organization = models.ForeignKey(
        "organizations.Organization", models.PROTECT, null=True, related_name="exchange_rates"
    )
    rate_type = models.CharField(_("type"), max_length=7, choices=RateType)
    # Codes of ISO 4217, also of currencies that are history: a foreign key would let people
    # book in those.
    from_currency = models.CharField(_("from"), max_length=3)
    to_currency = models.CharField(_("to"), max_length=3)
    per = models.PositiveSmallIntegerField(_("per"), default=PER_ONE)
    rate = models.DecimalField(_("rate"), max_digits=20, decimal_places=10)
    valid_from = models.DateField(_("valid from"))
    source = models.SlugField(_("source"), max_length=20)
    revision = models.PositiveSmallIntegerField(_("revision"), default=1)
    note = models.CharField(_("note"), max_length=200, blank=True)
    state = models.CharField(_("state"), max_length=9, choices=RateState)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("entered by"),
    )
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("confirmed by"),
    )
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True)
    reject_reason = models.CharField(_("reason"), max_length=200, blank=True)
    # Set once a posted document stands on it; from then on the row is for ever as it is.
    is_used = models.BooleanField(_("used"), default=False)
    rate_import = models.ForeignKey(
        RateImport, models.PROTECT, null=True, related_name="rates", db_index=False
    )
    history = HistoricalRecords()

    objects = ExchangeRateQuerySet.as_manager()

    class Meta:
        verbose_name = _("exchange rate")
        indexes = (
            models.Index(
                F("from_currency"),
                F("to_currency"),
                F("rate_type"),
                F("valid_from").desc(),
                condition=Q(state="confirmed"),
                name="fx_rate_lookup",
            ),
            models.Index(
                fields=("rate_import",),
                condition=Q(state="waiting"),
                name="fx_rate_waiting_import",
            ),
            models.Index(
                fields=("organization",),
                condition=Q(state="waiting"),
                name="fx_rate_waiting",
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=(
                    "from_currency",
                    "to_currency",
                    "rate_type",
                    "valid_from",
                    "organization",
                    "revision",
                ),
                nulls_distinct=False,
                name="rate_revision_is_unique",
            ),
            models.CheckConstraint(condition=Q(rate__gt=0), name="rate_is_positive"),
            models.CheckConstraint(
                condition=Q(per__in=(PER_ONE, PER_HUNDRED)), name="rate_is_per_one_or_hundred"
            ),
            models.CheckConstraint(
                condition=Q(from_currency__regex="^[A-Z]{3}$")
                & Q(to_currency__regex="^[A-Z]{3}$")
                & ~Q(from_currency=F("to_currency")),
                name="rate_joins_two_currencies",
            ),
            models.CheckConstraint(
                condition=Q(entered_by=None)
                | Q(confirmed_by=None)
                | ~Q(confirmed_by=F("entered_by")),
                name="rate_is_confirmed_by_another_person",
            ),
            models.CheckConstraint(
                condition=Q(organization=None)
                | Q(state=RateState.WAITING, confirmed_by=None, confirmed_at=None)
                | Q(
                    ~Q(state=RateState.WAITING),
                    entered_by__isnull=False,
                    confirmed_by__isnull=False,
                    confirmed_at__isnull=False,
                ),
                name="own_rate_is_decided_by_two_people",
            ),
        )

    def __str__(self) -> str:
        """Return pair, day and figure."""
        return f"{self.from_currency}/{self.to_currency} {self.valid_from}: {self.rate}"


class RateStamp(models.Model):
    """One row that counts the changes of rates, so that every process can ask whether any came.

    A sequence would be ahead of the commit; the row's lock orders the counts as the commits.
    """

    version = models.BigIntegerField(default=1)

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(pk=1), name="rate_stamp_is_one_row"),)

    def __str__(self) -> str:
        """Return the count."""
        return str(self.version)
