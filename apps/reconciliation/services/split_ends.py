"""How a run ends before its time while its partitions are worked on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import F
from django.utils import timezone

from apps.core.operation import operation
from apps.jobs.services.leases import failure_of
from apps.reconciliation.models import ReconciliationRun

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from apps.core.errors import FinanceError

State = ReconciliationRun.State


def stop_if_asked(run: ReconciliationRun) -> None:
    """Cancel a run that somebody wished to stop while it was being split."""
    asked = _worked_on(run).filter(is_cancel_requested=True)
    if asked.exists():
        _end(asked, run, state=State.CANCELLED, attempt=F("attempt") + 1)


def fail_split(run: ReconciliationRun, error: FinanceError) -> None:
    """Fail a run for what is wrong with one of its partitions."""
    _end(_worked_on(run), run, state=State.FAILED, failure=failure_of(error))


def _worked_on(run: ReconciliationRun) -> QuerySet[ReconciliationRun]:
    """Return a run as rows, if its partitions are worked on."""
    return ReconciliationRun.objects.filter(pk=run.pk, state=State.MATCHING, lease_until=None)


def _end(rows: QuerySet[ReconciliationRun], run: ReconciliationRun, **changes: Any) -> None:
    with operation("reconciliation.finish", actor=run.created_by):
        rows.update(finished_at=timezone.now(), version=F("version") + 1, **changes)
