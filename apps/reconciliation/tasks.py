"""Background work; every task is safe to run twice.

Runs wait as rows of PostgreSQL. Redis holds no more calls than workers can take soon: each
finished run rings for the next, and beat for what nobody rang for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from celery import shared_task
from django.conf import settings

from apps.core.trace import trace
from apps.reconciliation.services.alert_notices import due_notices
from apps.reconciliation.services.alert_notices import send_notice as send
from apps.reconciliation.services.alerts import watch_channels as watch
from apps.reconciliation.services.running import run_reconciliation as run
from apps.reconciliation.services.running import unfinished_runs
from apps.reconciliation.services.schedules import run_due_schedules
from apps.reconciliation.services.starting import TASK, schedule_runs

if TYPE_CHECKING:
    from celery import Task

_WAIT_SECONDS = 30
_MOST_WAITS = 40


@shared_task(name=TASK, bind=True, max_retries=_MOST_WAITS)
def run_reconciliation(self: Task[[int], None], run_id: int) -> None:
    """Do a run; come back later while another worker holds it."""
    with trace():
        is_settled = run(run_id)
    if not is_settled:
        raise self.retry(countdown=_WAIT_SECONDS)
    for pk in unfinished_runs(1):
        run_reconciliation.delay(pk)


@shared_task(name="reconciliation.resume_runs")
def resume_runs() -> None:
    """Ring for runs that wait or whose worker died; run by beat."""
    for pk in unfinished_runs(settings.RECONCILIATION_AT_ONCE):
        run_reconciliation.delay(pk)


@shared_task(name="reconciliation.schedule_runs")
def start_scheduled_runs() -> None:
    """Run channels without an own schedule that have a new statement; by beat at 06:30."""
    with trace():
        schedule_runs()


@shared_task(name="reconciliation.run_due_schedules")
def run_due() -> None:
    """Run the channels whose own schedule is due; run by beat."""
    with trace():
        run_due_schedules()


@shared_task(name="reconciliation.watch_channels")
def watch_channels() -> None:
    """Measure all channels, open and close alerts, and have them told; run by beat."""
    with trace():
        watch()
        for pk in due_notices():
            # The next look asks again for what this one was too late for.
            send_notice.apply_async((pk,), expires=_WAIT_SECONDS)


@shared_task(name="reconciliation.send_notice")
def send_notice(pk: int) -> None:
    """Tell people outside of an alert."""
    with trace():
        send(pk)
