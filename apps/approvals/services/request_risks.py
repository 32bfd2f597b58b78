"""What the rounds tell of requests: looks, other parts, credit; one statement for a page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import connection

from apps.approvals.services.credit_words import CreditFact

if TYPE_CHECKING:
    from apps.approvals.models import ApprovalRequest
    from apps.organizations.models import User

# Other parts are found as `splitting` counts them.
_SQL = """
WITH shown AS (
  SELECT * FROM approvals_approvalrequest WHERE id = ANY (%(requests)s)
)
SELECT r.id, 'look' AS what, v.id AS place, json_build_object(
  'at', v.seen_at, 'amount', v.amount::text)::text AS facts
FROM shown r JOIN approvals_requestview v ON v.person_id = %(viewer)s
  AND v.subject_kind = r.subject_kind AND v.subject_id = r.subject_id
  AND v.content_hash <> r.content_hash
UNION ALL
SELECT r.id, 'part', o.id, json_build_object('amount', abs(o.amount)::text)::text
FROM shown r JOIN approvals_approvalrequest o ON o.maker_id = r.maker_id
  AND o.submitted_on = r.submitted_on AND o.currency_id = r.currency_id
  AND r.counterparties <> '{}' AND o.counterparties && r.counterparties
  AND o.state IN ('open', 'approved')
  AND (o.subject_kind, o.subject_id) <> (r.subject_kind, r.subject_id)
UNION ALL
SELECT r.id, 'credit', f.id, json_build_object('needs_person', f.needs_person,
  'counterparty', c.counterparty, 'source', c.source, 'outcome', c.outcome, 'score', c.score,
  'hours', floor(extract(epoch FROM c.at - c.scored_at) / 3600)::int)::text
FROM shown r JOIN approvals_creditfinding f ON f.request_id = r.id AND f.counterparty <> ''
LEFT JOIN credit_creditcheck c ON c.id = f.credit_check_id
ORDER BY 1, 2, 3
"""


@dataclass(frozen=True, slots=True)
class Look:
    """What a person saw of a subject that is different now."""

    at: datetime
    amount: Decimal


@dataclass(slots=True)
class RequestRisks:
    """What the rounds tell of one request; amounts of other parts are without sign."""

    look: Look | None = None
    parts: list[Decimal] = field(default_factory=list)
    credit: list[CreditFact] = field(default_factory=list)


def request_risks(requests: Sequence[ApprovalRequest], viewer: User) -> dict[int, RequestRisks]:
    """Return what the rounds tell of each request by its key, of which they tell anything."""
    found: dict[int, RequestRisks] = {}
    keys = [request.pk for request in requests]
    with connection.cursor() as cursor:
        cursor.execute(_SQL, {"requests": keys, "viewer": viewer.pk})
        for key, what, _place, facts in cursor:
            _take(found.setdefault(key, RequestRisks()), what, json.loads(facts))
    return found


def _take(risks: RequestRisks, what: str, facts: dict[str, Any]) -> None:
    if what == "look":
        risks.look = Look(datetime.fromisoformat(facts["at"]), Decimal(facts["amount"]))
    elif what == "part":
        risks.parts.append(Decimal(facts["amount"]))
    else:
        risks.credit.append(CreditFact(**facts))
