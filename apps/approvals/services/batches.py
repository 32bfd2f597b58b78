"""Many tasks answered by one press: begun, and undone while nothing has happened yet.

    pending ── undo_batch ──> undone
       └────── run_batch ───> running ──> done      (services/batch_running.py)

Each arrow from `pending` is the row count of one UPDATE: of undo and execution one happens.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog
from celery import current_app
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from apps.approvals.errors import (
    DecisionReasonIsMissing,
    NothingChosen,
    TooLateToUndo,
    TooManyChosen,
)
from apps.approvals.models import BatchItem, DecisionBatch
from apps.approvals.services.risks import risk_notes
from apps.approvals.words import BatchState, DecisionKind, ItemOutcome
from apps.core.errors import Forbidden
from apps.core.operation import operation
from apps.core.text import clean_text

if TYPE_CHECKING:
    from apps.approvals.models import ApprovalTask
    from apps.organizations.models import User

TASK = "approvals.run_batch"
UNDO_SECONDS = 10
# The worker comes a second later, so that undoing in the last one still succeeds.
_COUNTDOWN = UNDO_SECONDS + 1
MOST_TASKS = 200
log = structlog.get_logger(__name__)


def begin_batch(
    tasks: Sequence[ApprovalTask],
    verdict: DecisionKind,
    *,
    actor: User,
    reason: str = "",
    with_risky: bool = False,
) -> DecisionBatch:
    """Answer tasks ten seconds from now; what has notes on risk is not approved by default.

    Raises:
        NothingChosen: no task is left to be answered.
        TooManyChosen: more than 200.
        DecisionReasonIsMissing: a rejection without a reason.
    """
    reason = clean_text(reason, field="reason")[:500]
    if verdict == DecisionKind.REJECT and not reason:
        raise DecisionReasonIsMissing(field="reason")
    if len(tasks) > MOST_TASKS:
        raise TooManyChosen(limit=MOST_TASKS)
    leaves_out = verdict == DecisionKind.APPROVE and not with_risky
    risky = _risky(tasks, actor) if leaves_out else {}
    if all(task.request_id in risky for task in tasks):
        raise NothingChosen
    with operation("approval.batch", actor=actor, reason=reason):
        batch = DecisionBatch.objects.create(
            person=actor,
            verdict=verdict,
            reason=reason,
            due_at=timezone.now() + timedelta(seconds=UNDO_SECONDS),
        )
        BatchItem.objects.bulk_create(_item(batch, task, risky) for task in tasks)
        transaction.on_commit(lambda: _ring(batch))
    return batch


def undo_batch(batch: DecisionBatch, *, actor: User) -> None:
    """Have nothing happen; the tasks wait as before.

    Raises:
        Forbidden: somebody else began it.
        TooLateToUndo: it is being carried out, or was undone before.
    """
    if batch.person_id != actor.pk:
        raise Forbidden
    with operation("approval.batch_undo", actor=actor):
        pending = DecisionBatch.objects.filter(pk=batch.pk, state=BatchState.PENDING)
        if pending.update(state=BatchState.UNDONE):
            return
    batch.refresh_from_db()
    raise TooLateToUndo(state=batch.get_state_display())


def _risky(tasks: Sequence[ApprovalTask], viewer: User) -> dict[int, str]:
    """Return why requests are better looked at alone, by their key."""
    requests = list({task.request_id: task.request for task in tasks}.values())
    return {
        key: " ".join(note.text for note in notes if note.is_risky)
        for key, notes in risk_notes(requests, viewer).items()
        if any(note.is_risky for note in notes)
    }


def _item(batch: DecisionBatch, task: ApprovalTask, risky: dict[int, str]) -> BatchItem:
    if task.request_id not in risky:
        return BatchItem(batch=batch, task=task)
    note = risky[task.request_id][:500]
    return BatchItem(batch=batch, task=task, outcome=ItemOutcome.LEFT_OUT, note=note)


def _ring(batch: DecisionBatch) -> None:
    """Call a worker for later; without a broker beat finds what is due."""
    try:
        current_app.signature(TASK, args=[batch.pk]).apply_async(
            countdown=_COUNTDOWN, retry=False
        )
    except OperationalError:
        log.warning("no broker", batch=batch.pk)
