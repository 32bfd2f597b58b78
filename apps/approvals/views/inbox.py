"""The inbox and the page of one request; both only show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from apps.approvals.access import get_request_for, saved_filters_for
from apps.approvals.forms.inbox_filters import InboxFilters
from apps.approvals.forms.keys import read_key
from apps.approvals.services.detail import detail_of
from apps.approvals.services.inbox import inbox_page
from apps.approvals.services.seen import mark_seen
from apps.core.paging import page_number
from apps.organizations.access import acting_user, permission_required
from apps.organizations.permissions import Permission

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_safe
@permission_required(Permission.APPROVAL_VIEW)
def approval_list(request: HttpRequest) -> HttpResponse:
    """List the tasks that wait for the person; `at` is the task to begin with."""
    user = acting_user(request)
    filters = InboxFilters(request.GET, user=user)
    page, waiting = inbox_page(user, filters.chosen(), page_number(request.GET.get("page")))
    if waiting is not None:
        # The frame shows it too, and need not count again.
        request.approvals_waiting = waiting  # type: ignore[attr-defined]
    wanted = read_key(request.GET.get("at"))
    keys = [item.task.pk for item in page.object_list]
    context = {
        "filters": filters,
        "page": page,
        "has_risky": any(item.is_risky for item in page),
        "is_chosen": request.GET.get("select") == "all",
        "saved_filters": saved_filters_for(user, "approval_list"),
        "current": wanted if wanted in keys else next(iter(keys), None),
    }
    return render(request, "approvals/approval_list.html", context)


@require_safe
@permission_required(Permission.APPROVAL_VIEW)
def approval_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a request; beside the list as a fragment, else as a page of its own."""
    user = acting_user(request)
    asked_for = get_request_for(user, pk)
    context = detail_of(asked_for, user)
    mark_seen(asked_for, user)
    is_part = bool(request.headers.get("HX-Request"))
    template = "approvals/_detail.html" if is_part else "approvals/approval_detail.html"
    response = render(request, template, context | {"is_part": is_part})
    patch_vary_headers(response, ["HX-Request"])
    return response
