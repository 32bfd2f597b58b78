"""Page of a channel's schedule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.forms import model_to_dict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.core.errors import FinanceError
from apps.organizations.access import acting_user, permission_required
from apps.organizations.permissions import Permission
from apps.reconciliation.forms.schedules import ScheduleForm
from apps.reconciliation.services.schedules import (
    failure_text,
    next_times,
    save_schedule,
    schedule_of,
)
from apps.statements.access import get_channel_for

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

REFUSED = 422
_SHOWN_TIMES = 5


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.RECONCILIATION_RUN)
def run_schedule(request: HttpRequest, channel: str) -> HttpResponse:
    """Set when a channel is run by itself, at the version that was seen."""
    user = acting_user(request)
    found = get_channel_for(user, channel)
    schedule = schedule_of(found)
    form = ScheduleForm(
        request.POST or None,
        initial=model_to_dict(schedule) | {"version": schedule.version},
    )
    if request.method == "POST" and form.is_valid():
        typed = dict(form.cleaned_data)
        try:
            save_schedule(found, version=typed.pop("version"), actor=user, **typed)
        except FinanceError as error:
            form.take(error)
        else:
            messages.success(request, _("The schedule is saved; runs are in your name."))
            return redirect("reconciliation:run_schedule", found.code)
    context = {
        "form": form,
        "channel": found,
        "schedule": schedule,
        "times": next_times(schedule, _SHOWN_TIMES),
        "failure": failure_text(schedule),
    }
    status = REFUSED if form.errors else 200
    return render(request, "reconciliation/run_schedule.html", context, status=status)
