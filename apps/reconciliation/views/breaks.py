"""Pages of breaks: the queue, and giving chosen ones to somebody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from apps.core.errors import FinanceError
from apps.organizations.access import acting_user, permission_required
from apps.organizations.permissions import Permission
from apps.reconciliation.access import breaks_for, get_break_for
from apps.reconciliation.domain.ageing import BANDS
from apps.reconciliation.domain.buckets import Side
from apps.reconciliation.forms.breaks import BreakAssignForm, BreakFilters, chosen_versions
from apps.reconciliation.services.break_page import (
    candidates_for,
    evidence_of,
    files_of,
    group_of,
    hand_match_of,
    rows_of_match,
    story_of,
)
from apps.reconciliation.services.breaks import assign_breaks
from apps.reconciliation.services.breaks_queue import (
    ageing,
    filtered,
    page_of,
    rows_with_lines,
)
from apps.reconciliation.services.split_page import split_of
from apps.reconciliation.words import CAUSES, BreakCategory, BreakState

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_safe
@permission_required(Permission.RECONCILIATION_VIEW)
def break_list(request: HttpRequest) -> HttpResponse:
    """Show the breaks that are not resolved, their ages, and what is at risk."""
    user = acting_user(request)
    form = BreakFilters(request.GET, user=user)
    chosen = form.chosen()
    rows = filtered(breaks_for(user), chosen, user)
    at_any_age = filtered(breaks_for(user), chosen | {"age": ""}, user)
    context = {
        "form": form,
        "bands": BANDS,
        "ageing": ageing(at_any_age),
        "page": page_of(rows, chosen.get("sort") or "", request.GET),
        "assigning": BreakAssignForm(None, user=user),
    }
    return render(request, "reconciliation/break_list.html", context)


@require_safe
@permission_required(Permission.RECONCILIATION_VIEW)
def break_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show both sides of a break, what may belong to it, and what happened to it."""
    one = get_break_for(acting_user(request), pk)
    (row,) = rows_with_lines([one])
    match = hand_match_of(one)
    peers = rows_of_match(match, one) if match else group_of(one)
    shown = [evidence_of(each) for each in (row, *peers)]
    is_open = one.state != BreakState.RESOLVED
    context = {
        "one": one,
        "row": row,
        "cause": CAUSES[BreakCategory(one.category)],
        "ours": [each for each in shown if each.row.found.side == Side.BOOK],
        "theirs": [each for each in shown if each.row.found.side == Side.STATEMENT],
        "candidates": candidates_for(row, peers) if is_open else [],
        "story": story_of(one, is_part=row.part is not None),
        "is_open": is_open,
        "hand_match": match,
        "split": split_of(one),
        "comments": one.comments.select_related("author"),
        "files": files_of(one),
    }
    return render(request, "reconciliation/break_detail.html", context)


@require_POST
@permission_required(Permission.RECONCILIATION_RUN)
def break_assign(request: HttpRequest) -> HttpResponse:
    """Give the chosen breaks to a person."""
    user = acting_user(request)
    form, seen = BreakAssignForm(request.POST, user=user), chosen_versions(request.POST)
    try:
        if form.is_valid():
            count = assign_breaks(seen, form.cleaned_data["owner"], actor=user)
            _tell_assigned(request, count, len(seen))
        else:
            messages.error(request, _("Choose one of the people that are offered."))
    except FinanceError as error:
        messages.error(request, str(error))
    query = request.POST.get("query", "")
    return redirect(f"{reverse('reconciliation:break_list')}?{query}")


def _tell_assigned(request: HttpRequest, count: int, wanted: int) -> None:
    """Say how many were given, and that others were left alone."""
    if count:
        text = ngettext("%(count)s break was given.", "%(count)s breaks were given.", count)
        messages.success(request, text % {"count": count})
    if count < wanted:
        text = ngettext(
            "%(count)s break was left as it is, because it changed meanwhile.",
            "%(count)s breaks were left as they are, because they changed meanwhile.",
            wanted - count,
        )
        messages.warning(request, text % {"count": wanted - count})
