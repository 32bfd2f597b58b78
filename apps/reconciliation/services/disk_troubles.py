"""What the disks of workers did to a run, kept on it for whoever asks why it never ends.

A worker whose disk is full gives up like one that was killed: nothing was kept, and the next
one begins again after its lease. When too many did, the run says what the last one met.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import structlog
from django.db import DatabaseError

from apps.core.operation import operation
from apps.jobs.services.leases import failure_of
from apps.jobs.services.running import stored_failure
from apps.reconciliation.clients.disks import DISK_ERRORS, is_disk_broken, is_disk_full
from apps.reconciliation.errors import DiskIsBroken, DiskIsFull, RunGaveUp
from apps.reconciliation.models import ReconciliationRun

if TYPE_CHECKING:
    from apps.core.errors import FinanceError

_TROUBLES = {error.code: error for error in (DiskIsFull, DiskIsBroken)}
log = structlog.get_logger(__name__)


@contextmanager
def noting_disk_trouble(run: ReconciliationRun) -> Iterator[None]:
    """Keep on the run what the disk did to the work inside the block, which still fails."""
    try:
        yield
    except DISK_ERRORS as error:
        log.warning("disk trouble", run=run.pk, why=str(error))
        # The database may have the same trouble.
        with suppress(DatabaseError):
            _note(run, error)
        raise


def given_up(run: ReconciliationRun, *, count: int) -> FinanceError:
    """Return why a run is not begun again after so many times."""
    return (_trouble_of(run) or RunGaveUp)(count=count)


def trouble_text(run: ReconciliationRun) -> str:
    """Return what the disk did last to an unfinished run, in the active language, or ""."""
    trouble = _trouble_of(run)
    return str(trouble.so_far) if trouble else ""


def _note(run: ReconciliationRun, error: BaseException) -> None:
    trouble = DiskIsFull if is_disk_full(error) else DiskIsBroken
    if trouble is DiskIsBroken and not is_disk_broken(error):
        return
    rows = ReconciliationRun.objects.filter(pk=run.pk, state__in=ReconciliationRun.UNFINISHED)
    with operation("reconciliation.trouble", actor=run.created_by):
        rows.update(failure=failure_of(trouble(count=run.attempt)))


def _trouble_of(run: ReconciliationRun) -> type[DiskIsFull | DiskIsBroken] | None:
    return _TROUBLES.get(stored_failure(run.failure)[0]) if run.failure else None
