"""Keeping the filters of the journal under a name."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.core.errors import FinanceError
from apps.ledgers.access import get_ledger_for, saved_views_for
from apps.ledgers.services.saved_views import delete_view, save_view
from apps.organizations.access import acting_user, permission_required
from apps.organizations.permissions import Permission

PAGE = "journal_entry_list"


@require_POST
@permission_required(Permission.LEDGER_VIEW)
def saved_view_create(request: HttpRequest, ledger: str) -> HttpResponse:
    """Keep the filters that are set now."""
    user = acting_user(request)
    books = get_ledger_for(user, ledger)
    query = request.POST.get("query", "")
    back = reverse("ledgers:journal_entry_list", args=(books.code,))
    try:
        name = request.POST.get("name", "")
        view = save_view(books, PAGE, name=name, query=query, actor=user)
    except FinanceError as error:
        messages.error(request, str(error))
        return redirect(back)
    messages.success(request, _("The view “%(name)s” is saved.") % {"name": view.name})
    return redirect(f"{back}?{view.query}")


@require_POST
@permission_required(Permission.LEDGER_VIEW)
def saved_view_delete(request: HttpRequest, ledger: str, pk: int) -> HttpResponse:
    """Forget an own saved view."""
    user = acting_user(request)
    books = get_ledger_for(user, ledger)
    view = get_object_or_404(saved_views_for(user, books, PAGE), pk=pk)
    delete_view(view, actor=user)
    messages.success(request, _("The view “%(name)s” is deleted.") % {"name": view.name})
    return redirect("ledgers:journal_entry_list", books.code)
