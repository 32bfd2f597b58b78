r"""Scheduled runs: each due time of a channel is carried out once, whoever looks.

    due ─ news? ─ start_run ─→ started
       \_ none ─────────────→ nothing new
                 \_ refused ─→ refused, told by an alert until a due time goes well again

A channel without a schedule of its own is run at DEFAULT_AT when a statement came, in the name
of who imported it.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import structlog
from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.core.errors import FinanceError, StaleVersion, sentence_of
from apps.core.operation import operation
from apps.jobs.services.leases import failure_of
from apps.jobs.services.running import stored_failure
from apps.organizations.access import require
from apps.organizations.permissions import Permission
from apps.organizations.services.people import system_user_of
from apps.reconciliation.domain.schedules import Plan, Rhythm, Span, days_of
from apps.reconciliation.errors import ScheduleNeedsDay, ScheduleOwnerLeft
from apps.reconciliation.models import RunSchedule
from apps.reconciliation.services.starting import news_of, start_run

if TYPE_CHECKING:
    from apps.organizations.models import User
    from apps.statements.models import Channel

DEFAULT_AT = time(6, 30)
DEFAULT = Plan(Rhythm.DAILY, DEFAULT_AT)
Outcome = RunSchedule.Outcome
log = structlog.get_logger(__name__)


def schedule_of(channel: Channel) -> RunSchedule:
    """Return when a channel is run: what was set, else the default at version 0."""
    found = RunSchedule.objects.select_related("runs_as", "run").filter(channel=channel).first()
    return found or RunSchedule(channel=channel, version=0)


def save_schedule(channel: Channel, *, version: int, actor: User, **values: Any) -> RunSchedule:
    """Set when a channel is run, in the actor's name; `version` is 0 while the default holds.

    What was due before is not made up for.

    Raises:
        Forbidden: the actor may not start runs.
        ScheduleNeedsDay: a weekly or monthly rhythm without its day.
        StaleVersion: somebody else was faster, or it was just carried out.
    """
    require(actor, Permission.RECONCILIATION_RUN)
    values = _with_day(values) | {"runs_as": actor, "done_until": timezone.now()}
    with operation("run_schedule.save", actor=actor):
        found = RunSchedule.objects.filter(channel=channel).first()
        if found is not None:
            return found.update_versioned(
                actor=actor, reason="change", expected_version=version, **values
            )
        try:
            with transaction.atomic():
                return RunSchedule.create_versioned(actor=actor, channel=channel, **values)
        except IntegrityError as error:
            raise StaleVersion(what=RunSchedule._meta.verbose_name) from error


def run_due_schedules(now: datetime | None = None) -> int:
    """Carry out what is due and was not yet; return how many schedules were.

    Safe to run twice and beside itself: whoever claims a due time second finds another version.
    """
    now = timezone.localtime(now)
    rows = RunSchedule.objects.filter(is_on=True, channel__is_active=True)
    done = 0
    for schedule in rows.select_related("channel__organization", "runs_as").order_by("pk"):
        due = schedule.plan.last_due(now)
        if due is None or due <= schedule.done_until:
            continue
        try:
            _carry_out(schedule, due)
        except StaleVersion:
            log.info("schedule is elsewhere", channel=schedule.channel_id)
        else:
            done += 1
    return done


def _carry_out(schedule: RunSchedule, due: datetime) -> None:
    """Start the run of a due time, or say why not, in one transaction with the claim."""
    system = system_user_of(schedule.channel.organization)
    with operation("run_schedule.carry_out", actor=system):
        schedule.update_versioned(
            actor=system,
            reason=f"due {due:%Y-%m-%d %H:%M}",
            expected_version=schedule.version,
            done_until=due,
            **_outcome(schedule, due),
        )


def _outcome(schedule: RunSchedule, due: datetime) -> dict[str, Any]:
    channel, nothing = schedule.channel, {"run": None, "failure": ""}
    news = news_of(channel)
    if schedule.only_with_news and news is None:
        return nothing | {"outcome": Outcome.NO_NEWS}
    first, last = days_of(Span(schedule.span), newest=news, today=due.date())
    try:
        if not schedule.runs_as.is_active:
            raise ScheduleOwnerLeft(name=schedule.runs_as.display_name)
        run = start_run(
            channel, from_on=first, to_on=last, actor=schedule.runs_as, is_scheduled=True
        )
    except FinanceError as error:
        log.warning("no scheduled run", channel=channel.pk, why=error.code)
        return nothing | {"outcome": Outcome.REFUSED, "failure": failure_of(error)}
    return nothing | {"outcome": Outcome.STARTED, "run": run}


def next_due(schedule: RunSchedule, now: datetime | None = None) -> datetime | None:
    """Return when a channel is run next; none where its schedule is off."""
    plan = schedule.plan if schedule.version else DEFAULT
    return plan.next_due(timezone.localtime(now)) if schedule.is_on else None


def next_times(schedule: RunSchedule, count: int) -> list[datetime]:
    """Return the next times that a channel is run."""
    found: list[datetime] = []
    after = timezone.localtime()
    while len(found) < count and (due := next_due(schedule, after)):
        found.append(due)
        after = due + timedelta(seconds=1)
    return found


def failure_text(schedule: RunSchedule) -> str:
    """Return why the last due time was refused, in the active language; empty if it was not."""
    return sentence_of(*stored_failure(schedule.failure)) if schedule.failure else ""


def _with_day(values: dict[str, Any]) -> dict[str, Any]:
    """Keep the day that the rhythm asks for, and no other."""
    rhythm = values["rhythm"]
    for name, wanted in (("weekday", Rhythm.WEEKLY), ("month_day", Rhythm.MONTHLY)):
        if rhythm != wanted:
            values = values | {name: None}
        elif values.get(name) is None:
            raise ScheduleNeedsDay(field=name)
    return values
