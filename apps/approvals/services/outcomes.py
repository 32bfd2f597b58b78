"""What became of requests under both flows, for the rollout that chooses between them.

Each figure comes from one statement, whatever the number of requests. A request belongs to the
flow that it took: a department that gets v2 where nobody wrote one has v1. Kinds of subjects
that have no v2 at all are left out, since they compare nothing, and so are requests of makers
without a department, whom the rollout never chooses for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Count

from apps.approvals.models import ApprovalRequest
from apps.approvals.services.flows import ROLLED_OUT
from apps.approvals.words import ENTRY_KINDS, VERDICTS, RequestState
from apps.ledgers.models import EntryState
from apps.rollout.services.providers import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

_DECIDED = (
    RequestState.APPROVED,
    RequestState.UNDONE,
    RequestState.REJECTED,
    RequestState.RETURNED,
)
# Only a round that somebody decided has a time: one that its maker took back has none. It was
# late when one of its verdicts came after the task was due. Entries and verdicts are looked up
# one by one: joined as a set, PostgreSQL reads all that there ever were.
_OUTCOMES = """
SELECT r.department_id, f.word = %(new)s,
  CASE WHEN r.state = ANY (%(decided)s)
    THEN floor(extract(epoch FROM r.closed_at - r.created_at))::bigint END,
  r.state = %(rejected)s, coalesce(e.is_posted, false), coalesce(e.is_reversed, false),
  late.is_late
FROM approvals_approvalrequest r
JOIN approvals_approvalflow f ON f.id = r.flow_id
LEFT JOIN LATERAL (
  SELECT true AS is_posted, EXISTS (
    SELECT FROM ledgers_journalentry back
    WHERE back.reversal_of_id = e.id AND back.state = %(posted)s) AS is_reversed
  FROM ledgers_journalentry e
  WHERE e.id = r.subject_id AND e.state = %(posted)s
    AND r.subject_kind = ANY (%(entries)s) AND r.state = %(approved)s
  OFFSET 0) e ON true
LEFT JOIN LATERAL (
  SELECT bool_or(d.at > t.due_at) AS is_late
  FROM approvals_approvaldecision d JOIN approvals_approvaltask t ON t.id = d.task_id
  WHERE d.request_id = r.id AND d.kind = ANY (%(verdicts)s)
    AND r.state = ANY (%(decided)s)) late ON true
WHERE r.organization_id = %(organization)s AND r.created_at >= %(since)s
  AND r.department_id IS NOT NULL AND f.subject_kind IN (
    SELECT subject_kind FROM approvals_approvalflow
    WHERE organization_id = %(organization)s AND word = %(new)s AND state <> 'draft')
ORDER BY r.id
"""


def outcomes_since(organization_id: int, since: datetime) -> list[Outcome]:
    """Return an outcome for each request of an organization that was opened since then."""
    values: dict[str, Any] = {
        "organization": organization_id,
        "since": since,
        "new": ROLLED_OUT,
        "approved": RequestState.APPROVED.value,
        "rejected": RequestState.REJECTED.value,
        "decided": [state.value for state in _DECIDED],
        "verdicts": [kind.value for kind in VERDICTS],
        "posted": EntryState.POSTED.value,
        "entries": [kind.value for kind in ENTRY_KINDS],
    }
    with connection.cursor() as cursor:
        cursor.execute(_OUTCOMES, values)
        return [Outcome(*row) for row in cursor.fetchall()]


def running_by_department(organization_id: int) -> Mapping[int, int]:
    """Return how many requests of each department wait; they keep the flow they began with."""
    waiting = ApprovalRequest.objects.filter(
        organization=organization_id, state=RequestState.OPEN, department__isnull=False
    )
    counted = waiting.order_by().values_list("department").annotate(Count("pk"))
    return dict(counted)
