"""Asking about credit begins with the submission, and is done by a worker after its commit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

from apps.approvals.models import CreditFinding

if TYPE_CHECKING:
    from apps.approvals.models import ApprovalRequest

TASK = "approvals.find_credit"
log = structlog.get_logger(__name__)


def begin_credit(request: ApprovalRequest) -> None:
    """Have a worker ask; where the subject names nobody, note that nobody needs to be asked."""
    if not request.counterparties:
        CreditFinding.objects.create(request=request, needs_person=False)
        return
    transaction.on_commit(lambda: _ring(request.pk))


def _ring(request_id: int) -> None:
    """Call a worker; without a broker beat finds the request within a minute of its return."""
    try:
        current_app.signature(TASK, args=[request_id]).delay()
    except OperationalError:
        log.warning("no broker", approval_request=request_id)
