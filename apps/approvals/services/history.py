"""What a person decided, as the list and the export of it show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from itertools import islice
from typing import TYPE_CHECKING, Any

from django.db.models import F
from django.utils import timezone

from apps.approvals.services.pane_shapes import Headline
from apps.approvals.services.panes import headlines_of
from apps.approvals.words import ENTRY_KINDS
from apps.ledgers.models import JournalEntry

if TYPE_CHECKING:
    from datetime import date

    from django.db.models import QuerySet

    from apps.approvals.models import ApprovalDecision, ApprovalRequest
    from apps.organizations.models import User

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision with its subject in words; `asked` is in whose place, if in somebody's."""

    decision: ApprovalDecision
    title: str
    number: str
    url: str
    asked: User | None

    @property
    def request(self) -> ApprovalRequest:
        """The request that was decided."""
        return self.decision.request


def decisions_found(
    decisions: QuerySet[ApprovalDecision], filters: Mapping[str, Any]
) -> QuerySet[ApprovalDecision]:
    """Return the decisions that the cleaned values of `HistoryFilters` ask for."""
    if since := filters.get("since"):
        decisions = decisions.filter(at__gte=_moment(since, time.min))
    if until := filters.get("until"):
        decisions = decisions.filter(at__lte=_moment(until, time.max))
    if verdict := filters.get("verdict"):
        decisions = decisions.filter(kind=verdict)
    if kind := filters.get("kind"):
        decisions = decisions.filter(request__subject_kind=kind)
    if filters.get("whose") == "own":
        decisions = decisions.filter(task__person=F("actor"))
    if filters.get("whose") == "delegated":
        decisions = decisions.filter(task__isnull=False).exclude(task__person=F("actor"))
    return decisions


def in_words(decisions: Iterable[ApprovalDecision]) -> Iterator[Decided]:
    """Yield decisions with their subjects, a fixed number of statements for each batch."""
    rows = iter(decisions)
    while batch := list(islice(rows, _BATCH)):
        heads = _headlines(batch)
        for decision in batch:
            yield _decided(decision, heads[decision.request_id])


def _headlines(decisions: list[ApprovalDecision]) -> dict[int, Headline]:
    """Return what each request is about: entries by their numbers, the rest as in the inbox."""
    requests = {decision.request_id: decision.request for decision in decisions}
    others = [one for one in requests.values() if one.subject_kind not in ENTRY_KINDS]
    keys = {
        one.pk: one.subject_id for one in requests.values() if one.subject_kind in ENTRY_KINDS
    }
    entries = JournalEntry.objects.select_related("ledger", "period").in_bulk(keys.values())
    return headlines_of(others) | {
        pk: Headline(entries[key].summary, str(entries[key]), entries[key].get_absolute_url())
        for pk, key in keys.items()
    }


def _decided(decision: ApprovalDecision, head: Headline) -> Decided:
    task = decision.task
    is_delegated = task is not None and task.person_id != decision.actor_id
    return Decided(
        decision=decision,
        title=head.title,
        number=head.number or str(decision.request),
        url=head.url,
        asked=task.person if task is not None and is_delegated else None,
    )


def _moment(day: date, at: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, at))
