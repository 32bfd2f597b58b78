"""Questions that wait for the maker of a request; while they do, its clocks stand still."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from apps.approvals.access import asked_of
from apps.approvals.models import ApprovalDecision
from apps.approvals.services.panes import Headline, headlines_of
from apps.approvals.words import DecisionKind

if TYPE_CHECKING:
    from apps.approvals.models import ApprovalRequest
    from apps.organizations.models import User


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked last about a request, and by whom."""

    request: ApprovalRequest
    headline: Headline
    asked: ApprovalDecision


def questions_to(user: User, count: int) -> list[Question]:
    """Return the first questions that the user has to answer, the longest waiting first."""
    requests = list(asked_of(user)[:count])
    if not requests:
        return []
    heads = headlines_of(requests)
    said = ApprovalDecision.objects.filter(request__in=requests, kind=DecisionKind.ASK)
    last = {one.request_id: one for one in said.select_related("actor").order_by("at", "pk")}
    return [Question(one, heads[one.pk], last[one.pk]) for one in requests]
