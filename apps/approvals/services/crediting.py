"""Credit of counterparties, asked before the people of a round are.

The bureau is asked outside every transaction and lock, then the findings are written and the
round goes on. A good score saves the step that would look at the credit. A bad one, an old one
above its limit, or none at all lets a person decide. A finding approves nothing.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import structlog
from django.utils import timezone

from apps.approvals.models import ApprovalRequest, CreditFinding
from apps.approvals.services.requests import lock_open
from apps.approvals.services.subjects import subject_service
from apps.approvals.services.turns import take_turns
from apps.approvals.words import RequestState, TaskState
from apps.core.errors import FinanceError
from apps.core.operation import operation
from apps.credit.services.checks import check_credit
from apps.organizations.services.people import system_user_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

log = structlog.get_logger(__name__)
# Each question may take as long as the bureau's deadline; a person looks at the rest.
MOST_ASKED = 10
_RANG = timedelta(seconds=30)
_AT_ONCE = 100


def find_credit(request_id: int) -> bool:
    """Ask about the counterparties of a round and let it go on; say whether it did.

    Safe to run twice and beside itself: the first that writes its findings wins.
    """
    rows = _waiting().select_related("organization", "maker").filter(pk=request_id)
    request = rows.first()
    if request is None:
        return False
    return go_on_with(request, _findings(request))


def go_on_with(request: ApprovalRequest, found: Sequence[CreditFinding]) -> bool:
    """Write what was found, unless somebody was faster, and open the tasks whose turn it is."""
    try:
        with operation("approval.credit", actor=system_user_of(request.organization)):
            request = lock_open(request)
            if request.credit_findings.exists():
                return False
            CreditFinding.objects.bulk_create(found)
            take_turns(request)
    except FinanceError as error:
        # It was withdrawn or changed while the bureau was asked.
        log.info("approval.no_credit_needed", request=request.pk, code=error.code)
        return False
    return True


def find_credit_due() -> int:
    """Ask for the rounds whose bell nobody heard; return how many went on."""
    rows = _waiting().filter(created_at__lt=timezone.now() - _RANG).order_by("pk")
    return sum(map(find_credit, rows.values_list("pk", flat=True)[:_AT_ONCE]))


def _waiting() -> QuerySet[ApprovalRequest]:
    rows = ApprovalRequest.objects.filter(
        state=RequestState.OPEN,
        credit_findings=None,
        tasks__step__checks_credit=True,
        tasks__state=TaskState.PLANNED,
    )
    return rows.distinct()


def _findings(request: ApprovalRequest) -> list[CreditFinding]:
    find = subject_service(request.subject_kind).counterparties
    names = {one.key: one.name for one in find(request.subject_id)} if find else {}
    return [
        _finding(request, key, names.get(key, "") if place < MOST_ASKED else "")
        for place, key in enumerate(request.counterparties)
    ]


def _finding(request: ApprovalRequest, key: str, name: str) -> CreditFinding:
    try:
        result = check_credit(
            organization=request.organization,
            counterparty=name,
            amount=request.counted_amount,
            currency=request.currency_id,
            actor=request.maker,
        )
    except FinanceError as error:
        log.info("approval.credit_not_asked", request=request.pk, code=error.code)
        return CreditFinding(request=request, counterparty=key, needs_person=True)
    return CreditFinding(
        request=request,
        counterparty=key,
        credit_check_id=result.check_id,
        needs_person=result.needs_person,
    )
