"""Splitting the row of a break into parts, and putting it back together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from apps.core.errors import FinanceError
from apps.core.money import minor_digits
from apps.organizations.access import acting_user, permission_required
from apps.organizations.permissions import Permission
from apps.reconciliation.access import breaks_for, get_break_for, splits_for
from apps.reconciliation.errors import BreakIsTaken
from apps.reconciliation.forms.matching import VersionForm
from apps.reconciliation.forms.splitting import (
    changed_parts,
    empty_parts,
    left_of,
    typed_parts,
    written,
)
from apps.reconciliation.services.break_splitting import split_row, undo_split
from apps.reconciliation.services.breaks_queue import rows_with_lines
from apps.reconciliation.split_errors import WrongPart
from apps.reconciliation.views.undoing import undo_as_seen
from apps.reconciliation.words import BreakState

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from apps.reconciliation.forms.splitting import Parts
    from apps.reconciliation.models import Break

_REFUSED = 422


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.RECONCILIATION_RUN)
def break_split(request: HttpRequest, pk: int) -> HttpResponse:
    """Write the parts that stand for a row from now on."""
    found = get_break_for(acting_user(request), pk)
    if request.method != "POST":
        if found.state in {BreakState.RESOLVED, BreakState.PROPOSED}:
            messages.error(request, str(BreakIsTaken(what="")))
            return redirect(found)
        return _page(request, found, empty_parts(found))
    parts, form = typed_parts(request.POST, found), VersionForm(request.POST)
    is_read = form.is_valid()
    if request.POST.get("act") != "split":
        return _page(request, found, changed_parts(parts, request.POST.get("act", ""), found))
    if not (parts.is_valid() and is_read):
        return _page(request, found, parts, status=_REFUSED)
    return _split(request, found, parts, form)


def _split(request: HttpRequest, found: Break, parts: Parts, form: VersionForm) -> HttpResponse:
    rows = written(parts)
    said = [(row.cleaned_data["amount"], row.cleaned_data["note"]) for row in rows]
    reason = form.cleaned_data["reason"]
    version, user = form.cleaned_data["version"], acting_user(request)
    try:
        made = split_row(found, said, version=version, actor=user, reason=reason)
    except WrongPart as error:
        place = error.values["position"]
        rows[int(str(place)) - 1].add_error("amount", str(error))
        return _page(request, found, parts, status=error.http_status)
    except FinanceError as error:
        return _page(request, found, parts, refusal=error, status=error.http_status)
    text = ngettext(
        "The row is split into %(count)s part.",
        "The row is split into %(count)s parts.",
        made.part_count,
    )
    messages.success(request, text % {"count": made.part_count})
    return redirect(found)


@require_POST
@permission_required(Permission.RECONCILIATION_RUN)
def row_split_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a row back together, at the version of the split that was seen."""
    user = acting_user(request)
    split = get_object_or_404(splits_for(user), pk=pk)
    done = _("The split is undone; the row is open again as a whole.")
    undo_as_seen(request, undo_split, split, done=done)
    about = {"channel": split.channel_id, "side": split.side, "item_id": split.item_id}
    return redirect(breaks_for(user).get(**about))


def _page(
    request: HttpRequest,
    found: Break,
    parts: Parts,
    *,
    refusal: FinanceError | None = None,
    status: int = 200,
) -> HttpResponse:
    (row,) = rows_with_lines([found])
    left = left_of(parts, found)
    context = {
        "one": found,
        "row": row,
        "parts": parts,
        "version": request.POST.get("version") or found.version,
        "reason": request.POST.get("reason", ""),
        "left": left,
        "sum": found.amount - left,
        "digits": minor_digits(found.currency),
        "refusal": refusal,
    }
    return render(request, "reconciliation/break_split.html", context, status=status)
