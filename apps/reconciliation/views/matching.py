"""Matching by hand: both sides of a channel, and telling a match back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from apps.core.errors import FinanceError
from apps.organizations.access import acting_user, permission_required
from apps.organizations.permissions import Permission
from apps.reconciliation.access import breaks_for, get_hand_match_for
from apps.reconciliation.forms.breaks import chosen_versions
from apps.reconciliation.forms.matching import MatchForm, WriteOffForm
from apps.reconciliation.services.break_matching import match_by_hand, undo_match
from apps.reconciliation.services.break_panes import (
    bounds_of,
    open_breaks,
    panes_of,
    sums_of,
)
from apps.reconciliation.services.break_writing_off import propose_write_off
from apps.reconciliation.services.rules import rules_now
from apps.reconciliation.views.undoing import undo_as_seen
from apps.statements.access import get_channel_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest, HttpResponse

    from apps.reconciliation.models import Break
    from apps.statements.models import Channel

_LONGEST_KEY = 18
_REFUSED = 422


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.RECONCILIATION_RUN)
def match_create(request: HttpRequest, channel: str) -> HttpResponse:
    """Choose rows of both sides that belong together."""
    user = acting_user(request)
    found = get_channel_for(user, channel)
    near = _near(request, found)
    form = MatchForm(request.POST or request.GET)
    form.is_valid()
    if request.method != "POST":
        chosen = {near.pk: near.version} if near else {}
        return _page(request, found, form, near, chosen)
    chosen = chosen_versions(request.POST)
    if request.POST.get("act") == "write_off":
        return _write_off(request, found, form, near, chosen)
    if request.POST.get("act") != "match":
        return _page(request, found, form, near, chosen)
    try:
        reason = form.cleaned_data.get("reason", "")
        match = match_by_hand(found, chosen, actor=user, reason=reason)
    except FinanceError as error:
        return _page(request, found, form, near, chosen, refusal=error)
    text = _("%(count)s rows are matched.") % {"count": match.row_count}
    messages.success(request, text)
    return redirect(breaks_for(user).filter(pk__in=chosen).order_by("pk")[0])


def _write_off(
    request: HttpRequest,
    channel: Channel,
    form: MatchForm,
    near: Break | None,
    chosen: Mapping[int, int],
) -> HttpResponse:
    """Propose the entry that takes the difference away."""
    terms = WriteOffForm(request.POST)
    if not terms.is_valid():
        return _page(request, channel, form, near, chosen, terms=terms)
    try:
        made = propose_write_off(
            channel,
            chosen,
            **terms.cleaned_data,
            reason=form.cleaned_data.get("reason", ""),
            actor=acting_user(request),
        )
    except FinanceError as error:
        return _page(request, channel, form, near, chosen, refusal=error, terms=terms)
    messages.success(request, _("The entry is submitted; the rows match when it is posted."))
    return redirect(made.entry)


@require_POST
@permission_required(Permission.RECONCILIATION_RUN)
def hand_match_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell a match back, at the version that was seen."""
    user = acting_user(request)
    match = get_hand_match_for(user, pk)
    done = _("The match is undone; its rows are open again.")
    undo_as_seen(request, undo_match, match, done=done)
    items = [(row["side"], row["item_id"]) for row in match.before]
    first = breaks_for(user).filter(
        channel=match.channel, side=items[0][0], item_id=items[0][1]
    )
    return redirect(first[0])


def _near(request: HttpRequest, channel: Channel) -> Break | None:
    """Return the row that the page was opened for."""
    text = request.GET.get("break", "")
    is_key = text.isascii() and text.isdecimal() and len(text) <= _LONGEST_KEY
    return open_breaks(channel).filter(pk=int(text)).first() if is_key else None


def _page(
    request: HttpRequest,
    channel: Channel,
    form: MatchForm,
    near: Break | None,
    chosen: Mapping[int, int],
    **problems: Any,
) -> HttpResponse:
    """Show the page; `problems` are a `refusal`, and the `terms` of a write-off."""
    refusal, terms = problems.get("refusal"), problems.get("terms")
    rules = rules_now(channel)
    picked = list(open_breaks(channel).filter(pk__in=chosen))
    text = form.cleaned_data.get("q", "")
    context: dict[str, Any] = {
        "channel": channel,
        "form": form,
        "near": near,
        "panes": panes_of(channel, text=text, near=near, chosen=chosen),
        "sums": sums_of(picked, rules) if picked else None,
        "bounds": bounds_of(rules),
        "refusal": refusal,
        "terms": terms or WriteOffForm(initial={"day": timezone.localdate()}),
    }
    status = _REFUSED if terms else 200
    status = refusal.http_status if refusal else status
    return render(request, "reconciliation/match_create.html", context, status=status)
