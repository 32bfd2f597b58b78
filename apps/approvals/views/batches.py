"""Many tasks answered by one press: begun from the list, looked at, undone for ten seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.approvals.access import get_batch_for, tasks_chosen_by
from apps.approvals.forms.keys import read_key
from apps.approvals.services.batch_pages import batch_shown
from apps.approvals.services.batches import begin_batch, undo_batch
from apps.approvals.views.decisions import back_to
from apps.approvals.words import DecisionKind
from apps.core.errors import FinanceError
from apps.organizations.access import acting_user, permission_required
from apps.organizations.permissions import Permission

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_POST
@permission_required(Permission.APPROVAL_DECIDE)
def batch_create(request: HttpRequest) -> HttpResponse:
    """Answer the chosen tasks ten seconds from now."""
    user, form = acting_user(request), request.POST
    is_rejection = form.get("act") == DecisionKind.REJECT
    tasks = tasks_chosen_by(user, map(read_key, form.getlist("task")))
    try:
        batch = begin_batch(
            tasks,
            DecisionKind.REJECT if is_rejection else DecisionKind.APPROVE,
            actor=user,
            reason=form.get("reason", ""),
            with_risky=form.get("with_risky") == "yes",
        )
    except FinanceError as error:
        messages.error(request, str(error))
        return redirect(back_to(request))
    return redirect("approvals:batch_detail", batch.pk)


@require_safe
@permission_required(Permission.APPROVAL_DECIDE)
def batch_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what is about to happen, then what became of each; a part of a page by htmx."""
    user = acting_user(request)
    is_part = bool(request.headers.get("HX-Request"))
    template = "approvals/_batch.html" if is_part else "approvals/batch_detail.html"
    response = render(request, template, batch_shown(get_batch_for(user, pk), user))
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_POST
@permission_required(Permission.APPROVAL_DECIDE)
def batch_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Have nothing happen, if it did not happen yet."""
    user = acting_user(request)
    batch = get_batch_for(user, pk)
    try:
        undo_batch(batch, actor=user)
    except FinanceError as error:
        messages.error(request, str(error))
        return redirect("approvals:batch_detail", pk)
    messages.success(request, _("Undone: nothing was decided, everything waits as before."))
    return redirect("approvals:approval_list")
