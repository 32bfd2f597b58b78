"""Background work of the books; every task is safe to run twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celery import shared_task

from apps.core.trace import trace
from apps.ledgers.services.import_jobs import run_import_job, unfinished_imports
from apps.ledgers.services.journal_imports import TASK

if TYPE_CHECKING:
    from celery import Task

_WAIT_SECONDS = 30
_MOST_WAITS = 40


@shared_task(name=TASK, bind=True, max_retries=_MOST_WAITS)
def run_journal_import(self: Task[[int], None], journal_import_id: int) -> None:
    """Do the waiting step of an import; come back later while another worker holds it."""
    with trace():
        is_settled = run_import_job(journal_import_id)
    if not is_settled:
        raise self.retry(countdown=_WAIT_SECONDS)


@shared_task(name="ledgers.resume_journal_imports")
def resume_journal_imports() -> None:
    """Ring again for imports whose worker died; run by beat every minute."""
    for pk in unfinished_imports():
        run_journal_import.delay(pk)
