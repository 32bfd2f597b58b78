"""Background work; every task is safe to run twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celery import shared_task

from apps.core.trace import trace
from apps.jobs.services.running import run_job as run
from apps.jobs.services.running import unfinished_jobs
from apps.jobs.services.starting import TASK

if TYPE_CHECKING:
    from celery import Task

_WAIT_SECONDS = 30
_MOST_WAITS = 40


@shared_task(name=TASK, bind=True, max_retries=_MOST_WAITS)
def run_job(self: Task[[int], None], job_id: int) -> None:
    """Do a job; come back later while another worker holds it."""
    with trace():
        is_settled = run(job_id)
    if not is_settled:
        raise self.retry(countdown=_WAIT_SECONDS)


@shared_task(name="jobs.resume_jobs")
def resume_jobs() -> None:
    """Ring again for jobs whose worker died; run by beat every minute."""
    for pk in unfinished_jobs():
        run_job.delay(pk)
