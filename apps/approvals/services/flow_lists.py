"""The flows of an organization, as its page lists them: by kind and by what they take."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

from django.db.models import Count, Q

from apps.approvals.services.flow_words import scope_words
from apps.approvals.services.flows import kinds_of_flows
from apps.approvals.services.subjects import SUBJECTS
from apps.approvals.words import FlowState, RequestState, SubjectKind

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from apps.approvals.models import ApprovalFlow


@dataclass(frozen=True, slots=True)
class FlowRow:
    """A flow in a list; `edition` counts the flows of one version for the same subjects."""

    flow: ApprovalFlow
    edition: int
    scope: str
    steps: str
    open_count: int


@dataclass(frozen=True, slots=True)
class KindOfFlows:
    """The flows of a kind: those that count or will, and those that are over."""

    kind: SubjectKind
    # Where there is no flow of its own: the kind whose flows it takes.
    instead: SubjectKind | None = None
    current: list[FlowRow] = field(default_factory=list)
    over: list[FlowRow] = field(default_factory=list)


def flows_by_kind(flows: QuerySet[ApprovalFlow]) -> list[KindOfFlows]:
    """Return every kind of subject with its flows, the newest first; three statements."""
    waiting = Count("requests", filter=Q(requests__state=RequestState.OPEN))
    rows = list(_rows(flows.annotate(open_count=waiting).order_by("pk")))
    return [_of_kind(kind, [row for row in rows if row.flow.subject_kind == kind])
            for kind in SUBJECTS]  # fmt: skip


def edition_of(flow: ApprovalFlow, flows: QuerySet[ApprovalFlow]) -> int:
    """Return which flow of its version, for the same subjects, it is."""
    same = flows.filter(
        subject_kind=flow.subject_kind,
        ledger=flow.ledger_id,
        department=flow.department_id,
        word=flow.word,
    )
    return same.filter(pk__lte=flow.pk).count()


def _of_kind(kind: SubjectKind, rows: list[FlowRow]) -> KindOfFlows:
    counts = (FlowState.ACTIVE, FlowState.DRAFT)
    order = {FlowState.ACTIVE: 0, FlowState.DRAFT: 1}
    current = [row for row in rows if row.flow.state in counts]
    current.sort(key=lambda row: (order[FlowState(row.flow.state)], row.scope, row.flow.word))
    others = kinds_of_flows(kind)[1:]
    instead = SubjectKind(others[0]) if others else None
    return KindOfFlows(
        kind, instead, current, [row for row in reversed(rows) if row not in current]
    )


def _in_short(flow: ApprovalFlow) -> str:
    """Return the names of the steps: A + B side by side, A → B one after the other."""
    rungs = groupby(flow.steps.all(), key=lambda step: step.number)
    return " → ".join(" + ".join(map(str, steps)) for _number, steps in rungs)


def _rows(flows: Iterable[ApprovalFlow]) -> Iterable[FlowRow]:
    seen: Counter[tuple[object, ...]] = Counter()
    for flow in flows:
        key = (flow.subject_kind, flow.ledger_id, flow.department_id, flow.word)
        seen[key] += 1
        yield FlowRow(
            flow=flow,
            edition=seen[key],
            scope=scope_words(flow),
            steps=_in_short(flow),
            open_count=flow.open_count,  # type: ignore[attr-defined]  # annotated above
        )
