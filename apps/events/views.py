"""Pages of events: what was told, who had it, and what could not be delivered."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.core.errors import FinanceError
from apps.events.access import (
    events_for,
    get_event_for,
    get_trouble_for,
    matching,
    troubles_for,
)
from apps.events.forms import EventFilterForm, ReplayForm
from apps.events.services.decisions import (
    WAITS_FOR_PEOPLE,
    decide_many,
    discard_delivery,
    retry_delivery,
)
from apps.events.services.pages import (
    deliveries_of,
    label_of,
    pretty_body,
    waiting_for_relay,
)
from apps.events.services.replaying import plan_replay, replay_events
from apps.organizations.access import acting_user, has_permission, permission_required
from apps.organizations.permissions import Permission

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

PAGE_SIZE = 50
# A replay of so many is over within a few seconds.
MOST_REPLAYED = 10_000
REFUSED = 422


@require_safe
@permission_required(Permission.EVENT_VIEW)
def event_list(request: HttpRequest) -> HttpResponse:
    """List events, the newest first, by the filters of the URL."""
    user = acting_user(request)
    form = EventFilterForm(request.GET)
    context: dict[str, Any] = {"form": form, "events": [], "older": None}
    if not form.is_valid():
        return render(request, "events/event_list.html", context, status=REFUSED)
    rows = list(matching(events_for(user), form.cleaned_data)[: PAGE_SIZE + 1])
    shown = rows[:PAGE_SIZE]
    context["events"] = shown
    context["older"] = shown[-1].pk if len(rows) > PAGE_SIZE else None
    context["waiting"] = waiting_for_relay(user)
    context["stuck"] = troubles_for(user).filter(state__in=WAITS_FOR_PEOPLE).count()
    return render(request, "events/event_list.html", context)


@require_safe
@permission_required(Permission.EVENT_VIEW)
def event_detail(request: HttpRequest, event_id: uuid.UUID) -> HttpResponse:
    """Show one event: its body, its proof, who had it."""
    user = acting_user(request)
    event = get_event_for(user, event_id)
    context = {
        "event": event,
        "body": pretty_body(event),
        "deliveries": deliveries_of(event),
        "checksum": bytes(event.checksum).hex(),
    }
    return render(request, "events/event_detail.html", context)


@require_safe
@permission_required(Permission.EVENT_VIEW)
def trouble_list(request: HttpRequest) -> HttpResponse:
    """List what could not be delivered, and what people decided about it."""
    user = acting_user(request)
    page = Paginator(troubles_for(user), PAGE_SIZE).get_page(request.GET.get("page"))
    may_decide = has_permission(user, Permission.EVENT_MANAGE)
    rows = [
        (row, label_of(row.consumer), may_decide and row.state in WAITS_FOR_PEOPLE)
        for row in page
    ]
    open_count = sum(may for _row, _label, may in rows)
    context = {"page": page, "rows": rows, "open_count": open_count}
    return render(request, "events/trouble_list.html", context)


@require_POST
@permission_required(Permission.EVENT_MANAGE)
def trouble_retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a delivery tried again."""
    return _decide(request, pk, retry_delivery, _("It is given again within seconds."))


@require_POST
@permission_required(Permission.EVENT_MANAGE)
def trouble_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Let an event go undelivered."""
    return _decide(
        request, pk, discard_delivery, _("Discarded; what waited behind it goes on.")
    )


@require_POST
@permission_required(Permission.EVENT_MANAGE)
def trouble_decide(request: HttpRequest) -> HttpResponse:
    """Decide on the chosen deliveries at once, each for itself."""
    user = acting_user(request)
    seen = dict(value.split(":", 1) for value in request.POST.getlist("row") if ":" in value)
    wanted = [int(pk) for pk in seen if pk.isdecimal() and pk.isascii()][:PAGE_SIZE]
    rows = troubles_for(user).filter(pk__in=wanted)
    chosen = [(row, _number(seen[str(row.pk)])) for row in rows]
    discard = request.POST.get("act") == "discard"
    try:
        decided = decide_many(
            chosen, discard=discard, reason=request.POST.get("reason", ""), actor=user
        )
    except FinanceError as error:
        messages.error(request, str(error))
        return redirect("events:trouble_list")
    for refusal in decided.refusals:
        messages.error(request, refusal)
    if not chosen:
        messages.warning(request, _("Nothing was chosen."))
    elif decided.done:
        said = (
            ngettext("%(n)s delivery discarded.", "%(n)s deliveries discarded.", decided.done)
            if discard
            else ngettext(
                "%(n)s delivery is given again within seconds.",
                "%(n)s deliveries are given again within seconds.",
                decided.done,
            )
        )
        messages.success(request, said % {"n": decided.done})
    return redirect("events:trouble_list")


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.EVENT_MANAGE)
def event_replay(request: HttpRequest) -> HttpResponse:
    """Say what a replay would give, and give it when a reason is said."""
    user = acting_user(request)
    asked = request.POST if request.method == "POST" else request.GET
    form = ReplayForm(asked if "consumer" in asked else None)
    context: dict[str, Any] = {"form": form, "plan": None, "most": MOST_REPLAYED}
    if not form.is_valid():
        status = REFUSED if form.is_bound else 200
        return render(request, "events/event_replay.html", context, status=status)
    choice, status = form.choice(user.organization_id), 200
    if request.method == "POST":
        try:
            given = replay_events(
                choice,
                reason=request.POST.get("reason", ""),
                actor=user,
                most=MOST_REPLAYED,
            )
        except FinanceError as error:
            context["error"], status = str(error), REFUSED
        else:
            said = ngettext("%(n)s event was given.", "%(n)s events were given.", given)
            messages.success(request, said % {"n": given})
            return redirect("events:event_list")
    context["plan"] = plan_replay(choice)
    return render(request, "events/event_replay.html", context, status=status)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and text.isascii() else 0


def _decide(request: HttpRequest, pk: int, service: Any, done: str) -> HttpResponse:
    user = acting_user(request)
    trouble = get_trouble_for(user, pk)
    version = _number(request.POST.get("version", ""))
    try:
        service(
            trouble,
            version=version,
            reason=request.POST.get("reason", ""),
            actor=user,
        )
        messages.success(request, done)
    except FinanceError as error:
        messages.error(request, str(error))
    return redirect("events:trouble_list")
