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
from apps.reconciliation.services.leftovers import forget_left_folders
from apps.reconciliation.services.partitions import TASK as PARTITION_TASK
from apps.reconciliation.services.partitions import ring_partitions
from apps.reconciliation.services.partitions import run_partition as part
from apps.reconciliation.services.running import run_reconciliation as run
from apps.reconciliation.services.running import unfinished_runs
from apps.reconciliation.services.schedules import run_due_schedules
from apps.reconciliation.services.staging import forget_ended
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
    forget_left_folders()
    # One call for each that ends, and of the other kind first: two would fill the queue with
    # calls for the same, and with always the same kind the other one would never be done.
    if not ring_partitions(1):
        _ring_runs(1)


@shared_task(name=PARTITION_TASK)
def run_partition(partition_id: int) -> None:
    """Do a partition of a run; the last one to end rings for what follows."""
    with trace():
        run_id = part(partition_id)
    forget_left_folders()
    if run_id is not None:
        run_reconciliation.delay(run_id)
    elif not _ring_runs(1):
        ring_partitions(1)


@shared_task(name="reconciliation.resume_runs")
def resume_runs() -> None:
    """Ring for runs and partitions that wait or whose worker died; run by beat."""
    with trace():
        forget_ended()
        forget_left_folders()
    _ring_runs(settings.RECONCILIATION_AT_ONCE)
    ring_partitions(settings.RECONCILIATION_AT_ONCE)


def _ring_runs(most: int) -> int:
    """Call for runs that no worker has and return for how many."""
    free = unfinished_runs(most)
    for pk in free:
        run_reconciliation.delay(pk)
    return len(free)


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
