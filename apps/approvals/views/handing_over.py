"""Handing a single task over to a colleague."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.approvals.access import get_request_for, get_task_for
from apps.approvals.errors import NotYourTask
from apps.approvals.forms.handing_over import HandOverForm
from apps.approvals.forms.keys import read_key
from apps.approvals.services.handing_over import hand_over
from apps.approvals.services.inbox import tasks_by_request
from apps.approvals.services.panes import headlines_of
from apps.core.errors import FinanceError
from apps.organizations.access import acting_user, permission_required
from apps.organizations.permissions import Permission

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from apps.approvals.models import ApprovalRequest, ApprovalTask

REFUSED = 422


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.APPROVAL_DECIDE)
def approval_delegate(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for a colleague and a reason, then ask the colleague instead of the reader."""
    user = acting_user(request)
    approval = get_request_for(user, pk)
    task = _task(request, approval)
    if task is None:
        messages.error(request, str(NotYourTask()))
        return redirect("approvals:approval_detail", pk)
    form = HandOverForm(request.POST or None, user=user, approval=approval)
    refusal = None
    if request.method == "POST" and form.is_valid():
        refusal = _give(request, approval, task, form)
        if refusal is None:
            return redirect("approvals:approval_list")
    status = refusal.http_status if refusal else REFUSED if form.errors else 200
    headline = headlines_of([approval])[approval.pk]
    context = {"form": form, "approval": approval, "task": task, "headline": headline}
    return render(request, "approvals/approval_delegate.html", context, status=status)


def _task(request: HttpRequest, approval: ApprovalRequest) -> ApprovalTask | None:
    """Return the task that is named, else the first that the reader may answer."""
    user = acting_user(request)
    named = request.POST.get("task") or request.GET.get("task")
    if named:
        return get_task_for(user, approval.pk, read_key(named))
    return next(iter(tasks_by_request(user, approval)), None)


def _give(
    request: HttpRequest, approval: ApprovalRequest, task: ApprovalTask, form: HandOverForm
) -> FinanceError | None:
    """Do what a valid form asks for; return the refusal that it shows, if any."""
    typed = form.cleaned_data
    try:
        hand_over(task, typed["taker"], actor=acting_user(request), reason=typed["reason"])
    except FinanceError as error:
        form.take(error)
        return error
    title = headlines_of([approval])[approval.pk].title
    names = {"person": typed["taker"].display_name(), "title": title}
    messages.success(request, _("%(person)s is asked about %(title)s now.") % names)
    return None
