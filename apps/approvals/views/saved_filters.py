"""Keeping the filters of a list of approvals under a name."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.approvals.access import get_saved_filter_for
from apps.approvals.services.saved_filters import delete_filter, save_filter
from apps.core.errors import FinanceError
from apps.organizations.access import acting_user, permission_required
from apps.organizations.permissions import Permission

DEFAULT_PAGE = "decision_list"


@require_POST
@permission_required(Permission.APPROVAL_VIEW)
def saved_filter_create(request: HttpRequest) -> HttpResponse:
    """Keep the filters that are set now."""
    page, back = _list(request.POST.get("page", ""))
    query = request.POST.get("query", "")
    try:
        name = request.POST.get("name", "")
        kept = save_filter(page, name=name, query=query, actor=acting_user(request))
    except FinanceError as error:
        messages.error(request, str(error))
        return redirect(back)
    messages.success(request, _("The filter “%(name)s” is saved.") % {"name": kept.name})
    return redirect(f"{back}?{kept.query}")


@require_POST
@permission_required(Permission.APPROVAL_VIEW)
def saved_filter_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget an own filter."""
    user = acting_user(request)
    kept = get_saved_filter_for(user, pk)
    _page, back = _list(kept.page)
    delete_filter(kept, actor=user)
    messages.success(request, _("The filter “%(name)s” is deleted.") % {"name": kept.name})
    return redirect(back)


def _list(page: str) -> tuple[str, str]:
    """Return the name and the address of a list of approvals; the history for an unknown."""
    try:
        return page, reverse(f"approvals:{page}")
    except NoReverseMatch:
        return DEFAULT_PAGE, reverse(f"approvals:{DEFAULT_PAGE}")
