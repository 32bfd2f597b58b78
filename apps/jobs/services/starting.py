"""What people do with a job: start it, stop it, ring again for a worker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import structlog
from celery import current_app
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from kombu.exceptions import OperationalError

from apps.core.operation import operation
from apps.jobs.errors import JobIsFinished
from apps.jobs.models import Job
from apps.jobs.services.kinds import KINDS, kind_of
from apps.organizations.access import require, tenant_of

if TYPE_CHECKING:
    from apps.organizations.models import User

TASK = "jobs.run_job"
log = structlog.get_logger(__name__)


def start_job(
    kind: str,
    *,
    actor: User,
    subject: str,
    exclusive_key: str,
    parameters: dict[str, Any],
    subject_url: str = "",
) -> Job:
    """Queue a job and ring for a worker; the same key while it is unfinished is the same job.

    Raises:
        Forbidden: the actor may not start this kind.
    """
    require(actor, KINDS[kind].permission)
    try:
        with operation(f"job.{kind}", actor=actor):
            job = Job.objects.create(
                organization_id=tenant_of(actor),
                kind=kind,
                subject=subject,
                subject_url=subject_url,
                exclusive_key=exclusive_key,
                parameters=parameters,
                created_by=actor,
            )
    except IntegrityError:
        found = unfinished_job(exclusive_key, organization_id=tenant_of(actor))
        if found is None:
            raise
        job = found
    transaction.on_commit(lambda: ring(job))
    return job


def unfinished_job(exclusive_key: str, *, organization_id: int) -> Job | None:
    """Return the job of a key that is not finished."""
    rows = Job.objects.filter(exclusive_key=exclusive_key, organization_id=organization_id)
    return rows.filter(state__in=Job.UNFINISHED).first()


def cancel_job(job: Job, *, actor: User) -> Job:
    """Stop a job: at once when no worker is at it, else before its next step.

    Raises:
        Forbidden: the actor may not start or stop this kind.
        JobIsFinished: it came to its end before.
    """
    require(actor, kind_of(job).permission)
    rows = Job.objects.filter(pk=job.pk, state__in=Job.UNFINISHED)
    with operation("job.cancel", actor=actor):
        idle = rows.filter(lease_until=None) | rows.filter(lease_until__lt=timezone.now())
        stopped = idle.update(
            state=Job.State.CANCELLED,
            attempt=F("attempt") + 1,
            version=F("version") + 1,
            finished_at=timezone.now(),
            lease_until=None,
        )
        asked = stopped or rows.update(is_cancel_requested=True, version=F("version") + 1)
    job.refresh_from_db()
    if not asked:
        raise JobIsFinished(state=job.get_state_display())
    return job


def ring(job: Job) -> None:
    """Call a worker; without a broker the job waits until somebody rings again."""
    try:
        current_app.signature(TASK, args=[job.pk]).delay()
    except OperationalError:
        log.warning("no broker", job=job.pk)
