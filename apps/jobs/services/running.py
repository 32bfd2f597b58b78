"""The work of a job, done by whichever worker claims it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.translation import override

from apps.core.errors import FinanceError
from apps.jobs.errors import JobGaveUp
from apps.jobs.models import Job
from apps.jobs.services.kinds import kind_of
from apps.jobs.services.leases import ClaimLost, Leases, failure_of

if TYPE_CHECKING:
    from apps.organizations.models import User

State = Job.State


def _worker_of(job: Job) -> User:
    return job.created_by


def _claimed() -> dict[str, Any]:
    return {"state": State.RUNNING, "started_at": timezone.now(), "done_count": 0}


LEASES = Leases(
    Job, "job", Job.UNFINISHED, _worker_of, related=("created_by",), claimed=_claimed
)


class JobCancelled(Exception):
    """Somebody asked to stop; the running step is taken back."""


def run_job(pk: int) -> bool:
    """Do a job; False when another worker is at it.

    Safe to call twice: what is done is not claimed again.
    """
    job = LEASES.claim(pk)
    if job is None:
        return LEASES.is_settled(pk)
    if LEASES.gave_up(job):
        error = JobGaveUp(count=job.attempt - 1)
        _end(job, state=State.FAILED, failure=failure_of(error))
        return True
    try:
        # What is written on the way, such as summaries, is in the language of who asked.
        with override(job.created_by.language or settings.LANGUAGE_CODE):
            outcome = kind_of(job).run(job, _Work(job))
    except ClaimLost:
        return True
    except JobCancelled:
        _end(job, state=State.CANCELLED)
    except FinanceError as error:
        _end(job, state=State.FAILED, failure=failure_of(error))
    else:
        done = max(job.total_count, 1)
        _end(
            job,
            state=State.DONE,
            result=outcome.facts,
            result_url=outcome.url,
            total_count=done,
            done_count=done,
        )
    return True


def unfinished_jobs() -> list[int]:
    """Return the jobs whose worker shows no life."""
    return LEASES.unfinished()


def _end(job: Job, **changes: Any) -> None:
    LEASES.finish(job, finished_at=timezone.now(), **changes)


@dataclass(slots=True)
class _Work:
    """The worker's end of a job: progress, lease, and the wish to stop."""

    job: Job

    def expect(self, total: int) -> None:
        self.job.total_count = total
        self._tell()

    def advance(self, count: int = 1) -> None:
        self.job.done_count += count
        self._tell()
        if Job.objects.filter(pk=self.job.pk, is_cancel_requested=True).exists():
            raise JobCancelled

    def hold(self) -> None:
        LEASES.hold(self.job)

    def _tell(self) -> None:
        LEASES.tell(self.job, self.job.done_count)
        if not connection.in_atomic_block:
            job = self.job
            LEASES.renew(job, total_count=job.total_count, done_count=job.done_count)


@dataclass(frozen=True, slots=True)
class Progress:
    """What the page of a job shows of its progress; `rate` is steps or rows a second."""

    job: Job
    done: int
    total: int
    percent: int
    rate: int
    seconds: int

    @property
    def state(self) -> str:
        """The state of the job."""
        return self.job.state

    @property
    def message(self) -> str:
        """Nothing more to say than the state."""
        return ""

    def get_state_display(self) -> str:
        """Return the word for the state."""
        return str(self.job.get_state_display())


def progress_of(job: Job) -> Progress:
    """Return how far a job is."""
    told = LEASES.progress_of(job) if job.state == State.RUNNING else 0
    done = max(job.done_count, told)
    total = max(job.total_count, done, 1)
    started, ended = job.started_at, job.finished_at or timezone.now()
    seconds = int((ended - started).total_seconds()) if started else 0
    return Progress(
        job=job,
        done=done,
        total=total,
        percent=done * 100 // total,
        rate=done // max(seconds, 1),
        seconds=seconds,
    )


def stored_failure(text: str) -> tuple[str, dict[str, str], str]:
    """Return code, values and text of a stored failure."""
    stored = json.loads(text)
    return stored["code"], stored["values"], stored["text"]
