"""What the pages of a job say, in the reader's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.core.errors import sentence_of
from apps.jobs.services.kinds import kind_of
from apps.jobs.services.running import stored_failure

if TYPE_CHECKING:
    from apps.jobs.models import Job


def failure_text(job: Job) -> str:
    """Return why a job failed; "" if it did not."""
    return sentence_of(*stored_failure(job.failure)) if job.failure else ""


def result_text(job: Job) -> str:
    """Return what a finished job came to; "" before."""
    return kind_of(job).says(job.result) if job.state == job.State.DONE else ""
