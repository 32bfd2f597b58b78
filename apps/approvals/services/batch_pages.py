"""What the page of one press shows: each task with its result, and totals by currency."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from apps.approvals.services.inbox import items_of
from apps.approvals.words import BatchState, ItemOutcome

if TYPE_CHECKING:
    from collections.abc import Iterable

    from apps.approvals.models import ApprovalRequest, BatchItem, DecisionBatch
    from apps.organizations.models import User


def batch_shown(batch: DecisionBatch, viewer: User) -> dict[str, Any]:
    """Return what the template `approvals/_batch.html` draws.

    `seconds` are left to undo; 0: a worker is about to begin.
    """
    answers = list(
        batch.items.select_related(
            "task__person", "task__request__maker", "task__request__department",
            "task__request__flow",
        )
    )  # fmt: skip
    shown = items_of(viewer, [answer.task for answer in answers])
    counts = Counter(answer.outcome for answer in answers)
    left = batch.due_at - timezone.now()
    return {
        "batch": batch,
        "rows": [
            {"answer": answer, "item": item}
            for answer, item in zip(answers, shown, strict=True)
        ],
        "totals": totals_by_currency(_counted(answers)),
        "counts": {outcome.value: counts[outcome] for outcome in ItemOutcome},
        "seconds": max(0, -(-left // timedelta(seconds=1))),
        "can_undo": batch.state == BatchState.PENDING,
    }


def totals_by_currency(requests: Iterable[ApprovalRequest]) -> list[tuple[str, Decimal]]:
    """Return the sum of the amounts for each currency, by its code."""
    totals: dict[str, Decimal] = defaultdict(Decimal)
    for request in requests:
        totals[request.currency_id] += request.amount
    return sorted(totals.items())


def _counted(answers: Iterable[BatchItem]) -> list[ApprovalRequest]:
    """Return the requests that are or will be answered, each once."""
    without = {ItemOutcome.LEFT_OUT, ItemOutcome.REFUSED}
    taken = (answer.task.request for answer in answers if answer.outcome not in without)
    return list({request.pk: request for request in taken}.values())
