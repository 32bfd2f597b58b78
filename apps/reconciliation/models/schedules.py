"""When a channel is run by itself."""

from __future__ import annotations

from datetime import time

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from apps.core.models import VersionedModel
from apps.reconciliation.domain.schedules import Plan
from apps.reconciliation.domain.schedules import Rhythm as Days
from apps.reconciliation.domain.schedules import Span as Covers
from apps.reconciliation.models.runs import ReconciliationRun


class RunSchedule(VersionedModel):
    """When a channel is run, and what came of the last time; without a row, see DEFAULT.

    `done_until` is the last due time that was carried out: each one is carried out once, and
    of several that were missed the last one alone. Runs are started in the name of `runs_as`,
    who set the schedule and may lose the right to.
    """

    class Rhythm(models.TextChoices):
        DAILY = Days.DAILY.value, _("every day")
        WORKDAYS = Days.WORKDAYS.value, _("Monday to Friday")
        WEEKLY = Days.WEEKLY.value, _("once a week")
        MONTHLY = Days.MONTHLY.value, _("once a month")

    class Span(models.TextChoices):
        STATEMENT = Covers.STATEMENT.value, _("the month of the newest statement")
        THIS_MONTH = Covers.THIS_MONTH.value, _("the month until yesterday")
        LAST_MONTH = Covers.LAST_MONTH.value, _("the month before")

    class Outcome(models.TextChoices):
        NONE = "", _("not yet")
        STARTED = "started", _("a run was started")
        NO_NEWS = "no_news", _("nothing new")
        REFUSED = "refused", _("refused")

    channel = models.OneToOneField(
        "statements.Channel", models.PROTECT, related_name="run_schedule"
    )
    is_on = models.BooleanField(_("on"), default=True)
    rhythm = models.CharField(
        _("days"), max_length=8, choices=Rhythm, default=Rhythm.DAILY.value
    )
    at = models.TimeField(_("time"), default=time(6, 30))
    # Monday is 0.
    weekday = models.PositiveSmallIntegerField(_("day of the week"), null=True, blank=True)
    month_day = models.PositiveSmallIntegerField(_("day of the month"), null=True, blank=True)
    span = models.CharField(
        _("covers"), max_length=10, choices=Span, default=Span.STATEMENT.value
    )
    only_with_news = models.BooleanField(_("only when a statement came"), default=True)
    runs_as = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("as")
    )
    done_until = models.DateTimeField()
    outcome = models.CharField(max_length=7, choices=Outcome, blank=True)
    failure = models.TextField(blank=True)
    run = models.ForeignKey(ReconciliationRun, models.PROTECT, null=True, related_name="+")
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("schedule of runs")
        constraints = (
            models.CheckConstraint(
                condition=~Q(rhythm="weekly") | Q(weekday__range=(0, 6)),
                name="weekly_schedule_has_a_weekday",
            ),
            models.CheckConstraint(
                condition=~Q(rhythm="monthly") | Q(month_day__range=(1, 31)),
                name="monthly_schedule_has_a_day",
            ),
            models.CheckConstraint(
                condition=(Q(outcome="started") ^ Q(run=None))
                & (Q(outcome="refused") ^ Q(failure="")),
                name="schedule_tells_what_came_of_it",
            ),
        )

    def __str__(self) -> str:
        """Return the channel."""
        return str(self.channel)

    @property
    def plan(self) -> Plan:
        """When it is due."""
        return Plan(Days(self.rhythm), self.at, self.weekday, self.month_day)
