"""How the people of the demo answer what they are asked, at the time of their answer."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from apps.approvals.models import ApprovalRequest
from apps.approvals.services.deciding import decide
from apps.approvals.words import DecisionKind, TaskState
from apps.ledgers.models import EntryState, JournalEntry
from apps.portal.demo.clock import clock_at

if TYPE_CHECKING:
    from datetime import datetime

    from apps.organizations.models import User

# Between two people who are asked at the same time.
_BETWEEN = timedelta(minutes=11)


def round_of(entry: JournalEntry) -> ApprovalRequest:
    """Return the latest round of an entry, of whatever kind: its content is only its own."""
    rounds = ApprovalRequest.objects.filter(
        subject_id=entry.pk, content_hash=entry.content_hash
    )
    return rounds.select_related("flow").latest("pk")


def entry_of(request: ApprovalRequest) -> JournalEntry:
    """Return the entry of a round as it is now."""
    return JournalEntry.objects.select_related("ledger", "maker").get(pk=request.subject_id)


def answer(
    request: ApprovalRequest,
    verdict: DecisionKind,
    moment: datetime,
    *,
    why: str = "",
    place: int = 0,
) -> User:
    """Let one of the people whose turn it is answer, chosen by a place; return who did."""
    tasks = request.tasks.filter(state=TaskState.OPEN).select_related("person", "request")
    asked = list(tasks.order_by("pk"))
    task = asked[place % len(asked)]
    with clock_at(moment):
        decide(task, verdict, actor=task.person, reason=why)
    return task.person


def approve(entry: JournalEntry, moment: datetime, *, place: int = 0) -> JournalEntry:
    """Let everybody approve who is needed, one a little after the other."""
    request = round_of(entry)
    while entry.state == EntryState.SUBMITTED:
        answer(request, DecisionKind.APPROVE, moment, place=place)
        entry = entry_of(request)
        moment += _BETWEEN
    return entry
