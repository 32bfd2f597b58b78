"""What dashboards read: sums by day, built from events and built anew by command.

    events --consumer reports.activity--> DailyFigure
    books  --for events that are gone---> DailyFigure (`rebuild_read_models`)

Entries count on the day of the entry, decisions, rates and reconciliations on the day on which
they came, in the time zone of the installation.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Measure(models.TextChoices):
    """What is counted; what stands in `detail` is said beside each."""

    POSTED = "posted", _("entries posted")  # base currency, with the volume in `amount`
    REVERSED = "reversed", _("entries reversed")  # base currency
    DECIDED = "decided", _("requests decided")  # outcome, with the time it took in `seconds`
    RATES = "rates", _("rates confirmed")  # type of the rate
    RECONCILED = "reconciled", _("reconciliations finished")  # nothing


class DailyFigure(models.Model):
    """A sum of one day; without an organization it is of everybody, as the ECB's rates are."""

    organization = models.ForeignKey(
        "organizations.Organization", models.PROTECT, null=True, related_name="+"
    )
    ledger = models.ForeignKey("ledgers.Ledger", models.PROTECT, null=True, related_name="+")
    day = models.DateField(_("day"))
    measure = models.CharField(_("measure"), max_length=10, choices=Measure)
    detail = models.CharField(_("detail"), max_length=10, blank=True)
    count = models.BigIntegerField(_("count"))
    amount = models.DecimalField(_("amount"), max_digits=28, decimal_places=4)
    seconds = models.BigIntegerField()

    class Meta:
        verbose_name = _("daily figure")
        constraints = (
            models.UniqueConstraint(
                fields=("organization", "ledger", "day", "measure", "detail"),
                nulls_distinct=False,
                name="daily_figure_is_one_for_each_key",
            ),
        )

    def __str__(self) -> str:
        """Return day, measure and count."""
        return f"{self.day} {self.measure}: {self.count}"
