"""What the bureau said of suppliers when rounds of the demo began; it does not run yet."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone

from apps.approvals.models import CreditFinding
from apps.approvals.services.crediting import go_on_with
from apps.approvals.services.subjects import subject_service
from apps.credit.models import CreditCheck

if TYPE_CHECKING:
    from apps.approvals.models import ApprovalRequest

# One supplier in so many is none that one should pay in advance.
_DOUBTFUL = 11


def let_bureau_answer(request: ApprovalRequest) -> None:
    """Note a score of each counterparty, where the flow asks for it, and open the tasks."""
    if not request.flow.steps.filter(checks_credit=True).exists():
        return
    find = subject_service(request.subject_kind).counterparties
    named = find(request.subject_id) if find else []
    if named:
        go_on_with(request, [_finding(request, one.key, one.name) for one in named])


def _finding(request: ApprovalRequest, key: str, name: str) -> CreditFinding:
    rng = random.Random(name)  # noqa: S311  (a demo, by a seed)
    good = settings.CREDIT_GOOD_SCORE
    is_good = rng.randrange(_DOUBTFUL) > 0
    check = CreditCheck.objects.create(
        organization=request.organization,
        counterparty=name,
        amount=request.counted_amount,
        currency_id=request.currency_id,
        source=CreditCheck.Source.LIVE,
        outcome=CreditCheck.Outcome.ANSWERED,
        score=rng.randint(good, 880) if is_good else rng.randint(310, good - 1),
        is_good=is_good,
        needs_person=not is_good,
        scored_at=timezone.now(),
        duration_ms=rng.randint(40, 260),
        requested_by=request.maker,
        at=timezone.now(),
    )
    return CreditFinding(
        request=request, counterparty=key, credit_check=check, needs_person=check.needs_person
    )
