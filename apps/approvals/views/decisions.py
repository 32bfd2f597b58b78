"""Answers to one task; each is a POST, and a refusal says who was faster or why."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.approvals.access import get_task_for
from apps.approvals.forms.keys import read_key
from apps.approvals.services.deciding import decide
from apps.approvals.services.panes import headlines_of
from apps.approvals.words import DecisionKind, RequestState
from apps.core.errors import FinanceError
from apps.organizations.access import acting_user, permission_required
from apps.organizations.permissions import Permission

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from apps.approvals.models import ApprovalRequest


@require_POST
@permission_required(Permission.APPROVAL_DECIDE)
def approval_approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve a task of a request."""
    return _decide(request, pk, DecisionKind.APPROVE)


@require_POST
@permission_required(Permission.APPROVAL_DECIDE)
def approval_reject(request: HttpRequest, pk: int) -> HttpResponse:
    """Reject a task of a request, with a reason."""
    return _decide(request, pk, DecisionKind.REJECT)


@require_POST
@permission_required(Permission.APPROVAL_DECIDE)
def approval_return(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a request back to its maker to be mended, with a reason."""
    return _decide(request, pk, DecisionKind.RETURN)


def _decide(request: HttpRequest, pk: int, verdict: DecisionKind) -> HttpResponse:
    user = acting_user(request)
    task = get_task_for(user, pk, read_key(request.POST.get("task")))
    reason = request.POST.get("reason", "")
    try:
        decided = decide(task, verdict, actor=user, reason=reason)
    except FinanceError as error:
        messages.error(request, str(error))
        return redirect("approvals:approval_detail", pk)
    messages.success(request, _done(decided, verdict))
    return redirect(back_to(request))


def back_to(request: HttpRequest) -> str:
    """Return the list as the person left it; `back` is its query, never an address."""
    query = parse_qsl(request.POST.get("back", "")[:500].removeprefix("?"))
    address = reverse("approvals:approval_list")
    return f"{address}?{urlencode(query)}" if query else address


def _done(request: ApprovalRequest, verdict: DecisionKind) -> str:
    title = headlines_of([request])[request.pk].title
    if verdict == DecisionKind.REJECT:
        return _("%(title)s is rejected; its maker reads why.") % {"title": title}
    if verdict == DecisionKind.RETURN:
        return _("%(title)s is back with its maker, who reads why.") % {"title": title}
    if request.state == RequestState.APPROVED:
        return _("%(title)s is approved.") % {"title": title}
    return _("You approved %(title)s; others are asked next.") % {"title": title}
