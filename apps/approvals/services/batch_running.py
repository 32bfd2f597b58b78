"""Carrying out the answers of one press, each by itself and each exactly once.

A worker claims a batch for a minute and renews that with every answer; another one takes over
when it died. An answer and its result are written in one transaction, under the lock of the
batch's row: whoever comes twice finds the result.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone, translation

from apps.approvals.models import BatchItem, DecisionBatch
from apps.approvals.services.deciding import decide
from apps.approvals.words import BatchState, DecisionKind, ItemOutcome
from apps.core.errors import FinanceError
from apps.core.operation import operation

if TYPE_CHECKING:
    from datetime import datetime

LEASE = timedelta(seconds=60)
_LONGEST_NOTE = 500


def due_batches(now: datetime | None = None) -> list[int]:
    """Return the batches that no living worker has, although their time has come."""
    rows = DecisionBatch.objects.filter(_is_free(now or timezone.now()))
    return list(rows.order_by("due_at").values_list("pk", flat=True))


def run_batch(pk: int) -> bool:
    """Give the answers of a batch; False where it was undone, or another worker has it."""
    batch = _claim(pk)
    if batch is None:
        return False
    with translation.override(batch.person.language or None):
        for key in batch.items.filter(outcome=ItemOutcome.WAITING).values_list("pk", flat=True):
            _answer(batch, key)
    with operation("approval.batch_end", actor=batch.person):
        running = DecisionBatch.objects.filter(pk=pk, state=BatchState.RUNNING)
        left = BatchItem.objects.filter(batch=pk, outcome=ItemOutcome.WAITING)
        running.exclude(pk__in=left.values("batch")).update(state=BatchState.DONE)
    return True


def _is_free(now: datetime) -> Q:
    is_due = Q(state=BatchState.PENDING, due_at__lte=now)
    return is_due | Q(state=BatchState.RUNNING, lease_until__lt=now)


def _claim(pk: int) -> DecisionBatch | None:
    """Take a batch by the row count of one UPDATE, which an undo excludes."""
    batch = DecisionBatch.objects.select_related("person").filter(pk=pk).first()
    if batch is None:
        return None
    now = timezone.now()
    with operation("approval.batch_run", actor=batch.person, reason=batch.reason):
        free = DecisionBatch.objects.filter(_is_free(now), pk=pk)
        claimed = free.update(state=BatchState.RUNNING, lease_until=now + LEASE)
    return batch if claimed else None


def _answer(batch: DecisionBatch, key: int) -> None:
    with operation("approval.batch_answer", actor=batch.person, reason=batch.reason):
        # First of all: whoever else runs this batch waits here until the result is written.
        mine = DecisionBatch.objects.filter(pk=batch.pk, state=BatchState.RUNNING)
        mine.update(lease_until=timezone.now() + LEASE)
        waiting = BatchItem.objects.select_related("task__request")
        item = waiting.filter(pk=key, outcome=ItemOutcome.WAITING).first()
        if item is not None:
            outcome, note = _decided(batch, item)
            BatchItem.objects.filter(pk=key).update(outcome=outcome, note=note[:_LONGEST_NOTE])


def _decided(batch: DecisionBatch, item: BatchItem) -> tuple[ItemOutcome, str]:
    try:
        verdict = DecisionKind(batch.verdict)
        decide(item.task, verdict, actor=batch.person, reason=batch.reason)
    except FinanceError as error:
        return ItemOutcome.REFUSED, str(error)
    return ItemOutcome.DONE, ""
