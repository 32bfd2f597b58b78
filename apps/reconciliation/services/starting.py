"""What people and the clock do with a run: start it, stop it, resume it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import structlog
from celery import current_app
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Max, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from kombu.exceptions import OperationalError

from apps.core.errors import FinanceError
from apps.core.operation import operation
from apps.organizations.access import require
from apps.organizations.models import User
from apps.organizations.permissions import Permission
from apps.reconciliation.database_errors import refusals_in_words
from apps.reconciliation.domain.schedules import Span, days_of
from apps.reconciliation.errors import RunIsElsewhere, TooManyRuns
from apps.reconciliation.models import ReconciliationRun
from apps.reconciliation.services.rules import active_rules
from apps.statements.models import Channel, StatementFile

if TYPE_CHECKING:
    from django.db.models import QuerySet

TASK = "reconciliation.run_reconciliation"
# So many runs wait or work at most, of one organization and of all together.
MOST_OF_ONE, MOST_OF_ALL = 50, 1_000
# A channel is run again no more often than this within a minute.
MOST_IN_A_MINUTE = 10
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
State = ReconciliationRun.State
log = structlog.get_logger(__name__)


def start_run(
    channel: Channel, *, from_on: date, to_on: date, actor: User, is_scheduled: bool = False
) -> ReconciliationRun:
    """Queue a run and ring for a worker; while one of the channel is unfinished, that one.

    Raises:
        Forbidden: the actor may not start runs.
        TooManyRuns: the queue takes no more.
    """
    require(actor, Permission.RECONCILIATION_RUN)
    found = _unfinished(channel)
    if found:
        return found
    _admit(channel)
    try:
        with operation("reconciliation.start", actor=actor), refusals_in_words():
            highest = channel.runs.aggregate(highest=Max("number"))["highest"]
            run = ReconciliationRun.objects.create(
                channel=channel,
                rule_version=active_rules(channel, actor=actor),
                number=(highest or 0) + 1,
                from_on=from_on,
                to_on=to_on,
                is_scheduled=is_scheduled,
                created_by=actor,
            )
    except IntegrityError:
        found = _unfinished(channel)
        if found is None:
            raise
        run = found
    transaction.on_commit(lambda: ring_soon(run.pk))
    return run


def cancel_run(run: ReconciliationRun, *, actor: User) -> ReconciliationRun:
    """Stop a run: at once when no worker is at it, else before its next stage.

    Raises:
        Forbidden: the actor may not stop runs.
        RunIsElsewhere: it is in review already, or was ended.
    """
    require(actor, Permission.RECONCILIATION_RUN)
    states = (*ReconciliationRun.UNFINISHED, State.FAILED)
    rows = ReconciliationRun.objects.filter(pk=run.pk, state__in=states)
    with operation("reconciliation.cancel", actor=actor):
        idle = rows.filter(lease_until=None) | rows.filter(lease_until__lt=timezone.now())
        done = idle.update(
            state=State.CANCELLED,
            attempt=F("attempt") + 1,
            version=F("version") + 1,
            lease_until=None,
            finished_at=timezone.now(),
        ) or rows.update(is_cancel_requested=True, version=F("version") + 1)
    run.refresh_from_db()
    if not done:
        raise RunIsElsewhere(state=run.get_state_display())
    return run


def resume_run(run: ReconciliationRun, *, actor: User) -> ReconciliationRun:
    """Let a failed run try again from where it began; nothing of it was kept.

    Raises:
        Forbidden: the actor may not start runs.
        RunIsElsewhere: it did not fail, or the channel is run already.
    """
    require(actor, Permission.RECONCILIATION_RUN)
    failed = ReconciliationRun.objects.filter(pk=run.pk, state=State.FAILED)
    try:
        with operation("reconciliation.resume", actor=actor):
            moved = failed.update(
                state=State.CREATED, attempt=0, failure="", version=F("version") + 1
            )
    except IntegrityError:
        moved = 0
    run.refresh_from_db()
    if not moved:
        raise RunIsElsewhere(state=run.get_state_display())
    transaction.on_commit(lambda: ring(run.pk))
    return run


def schedule_runs(*, today: date | None = None) -> int:
    """Start a run for each channel without a schedule of its own that has something new.

    Returns how many. A run is in the name of who imported last, for the month of the newest
    statement. What one channel is refused stops no other.
    """
    today = today or timezone.localdate()
    started = 0
    for channel, actor, until in _with_news():
        first, last = days_of(Span.STATEMENT, newest=until, today=today)
        try:
            start_run(channel, from_on=first, to_on=last, actor=actor, is_scheduled=True)
        except FinanceError as error:
            log.warning("no scheduled run", channel=channel.pk, why=error.code)
        else:
            started += 1
    return started


def news_of(channel: Channel) -> date | None:
    """Return the last day that statements tell of which came after the channel's last run."""
    found = _news_in(Channel.objects.filter(pk=channel.pk)).first()
    return found.until if found else None


def ring(pk: int) -> None:
    """Call a worker; without a broker the run waits until beat rings again."""
    try:
        current_app.signature(TASK, args=[pk]).delay()
    except OperationalError:
        log.warning("no broker", run=pk)


def ring_soon(pk: int) -> None:
    """Call a worker, unless all have enough to do: whoever ends a run calls for the next."""
    if (
        ReconciliationRun.objects.filter(state__in=ReconciliationRun.UNFINISHED).count()
        <= settings.RECONCILIATION_AT_ONCE
    ):
        ring(pk)


def _unfinished(channel: Channel) -> ReconciliationRun | None:
    return channel.runs.filter(state__in=ReconciliationRun.UNFINISHED).first()


def _admit(channel: Channel) -> None:
    waiting = ReconciliationRun.objects.filter(state__in=ReconciliationRun.UNFINISHED)
    of_one = waiting.filter(channel__organization=channel.organization_id)
    lately = channel.runs.filter(created_at__gt=timezone.now() - timedelta(minutes=1))
    bounds = (
        (of_one.count(), MOST_OF_ONE),
        (waiting.count(), MOST_OF_ALL),
        (lately.count(), MOST_IN_A_MINUTE),
    )
    for count, most in bounds:
        if count >= most:
            raise TooManyRuns(count=count)


def _with_news() -> list[tuple[Channel, User, date]]:
    """Return active channels without a schedule, with a statement newer than their last run.

    With each: who imported last, and the last day that the new statements tell of.
    """
    channels = Channel.objects.filter(is_active=True, run_schedule=None)
    found = list(_news_in(channels).order_by("pk"))
    people = User.objects.in_bulk({channel.importer for channel in found})
    return [(channel, people[channel.importer], channel.until) for channel in found]


def _news_in(channels: QuerySet[Channel]) -> QuerySet[Any]:
    """Return the channels that have news, with `importer` and `until`."""
    runs = ReconciliationRun.objects.filter(channel=OuterRef("pk")).order_by("-pk")
    ran_at = runs.exclude(state=State.CANCELLED).values("created_at")[:1]
    news = StatementFile.objects.filter(
        channel=OuterRef("pk"),
        state=StatementFile.State.IMPORTED,
        imported_by__isnull=False,
        imported_at__gt=OuterRef("ran_at"),
    )
    rows = channels.annotate(
        ran_at=Coalesce(Subquery(ran_at), Value(_LONG_AGO)),
        importer=Subquery(news.order_by("-imported_at").values("imported_by")[:1]),
        until=Subquery(news.order_by("-to_on").values("to_on")[:1]),
    )
    return rows.exclude(importer=None)
