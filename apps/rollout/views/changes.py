"""Changing rollouts: each page says what would happen, asks for a reason, and does it once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.core.errors import FinanceError
from apps.organizations.access import acting_user, departments_for, permission_required
from apps.organizations.permissions import Permission
from apps.rollout.access import get_flag_for
from apps.rollout.domain.ramp import MOST_STEPS, Step
from apps.rollout.forms import LimitsForm, PinForm, RampForm, ReasonForm, ShareForm
from apps.rollout.models import Flag
from apps.rollout.services.flags import (
    pin_department,
    set_percent,
    start_rollout,
    stop_rollout,
)
from apps.rollout.services.guardrails import limits_of, set_limits
from apps.rollout.services.overview import look_at, rehearse, rehearse_pin
from apps.rollout.services.ramps import plan_ramp, planned_steps, resume_ramp
from apps.rollout.services.wording import breach_in_words
from apps.rollout.words import OverrideMode

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

REFUSED = 422
_BLANK_STEPS = 2
_FEWEST_ROWS = 4
_METHODS = ["GET", "HEAD", "POST"]


@require_http_methods(_METHODS)
@permission_required(Permission.ROLLOUT_MANAGE)
def flag_change(request: HttpRequest, name: str) -> HttpResponse:
    """Rehearse another share, then apply it: the first POST shows, the confirmed one does."""
    flag = get_flag_for(acting_user(request), name)
    initial = {"percent": request.GET.get("percent", flag.percent), "version": flag.version}
    form = ShareForm(request.POST or None, initial=initial)
    overview = look_at(flag)
    context: dict[str, Any] = {"overview": overview}
    if request.method == "POST" and form.is_valid():
        percent = form.cleaned_data["percent"]
        if request.POST.get("confirm"):
            done = _attempt(
                request,
                form,
                lambda **common: set_percent(flag, percent, **common),
                _("The share is %(percent)s %% now.") % {"percent": f"{percent:f}"},
            )
            if done:
                return redirect(flag)
        context |= {
            "is_rehearsed": True,
            "percent": percent,
            "rehearsal": rehearse(overview, percent=percent),
        }
    return _page(request, "rollout/flag_change.html", flag, form, context)


@require_http_methods(_METHODS)
@permission_required(Permission.ROLLOUT_MANAGE)
def flag_stop(request: HttpRequest, name: str) -> HttpResponse:
    """Pull the kill switch, after a look at whom that moves."""
    flag = get_flag_for(acting_user(request), name)
    done = _("Stopped: every department gets v1 from now on.")
    context = {"rehearsal": rehearse(look_at(flag), is_killed=True)}
    return _by_reason(request, flag, "rollout/flag_stop.html", stop_rollout, done, context)


@require_http_methods(_METHODS)
@permission_required(Permission.ROLLOUT_MANAGE)
def flag_start(request: HttpRequest, name: str) -> HttpResponse:
    """Release the kill switch, after a look at whom that moves."""
    flag = get_flag_for(acting_user(request), name)
    done = _("Started again: every department gets what it had before.")
    context = {"rehearsal": rehearse(look_at(flag), is_killed=False)}
    return _by_reason(request, flag, "rollout/flag_start.html", start_rollout, done, context)


@require_http_methods(_METHODS)
@permission_required(Permission.ROLLOUT_MANAGE)
def override_edit(request: HttpRequest, name: str, pk: int) -> HttpResponse:
    """Pin a department to a flow, or let it follow its bucket."""
    user = acting_user(request)
    flag = get_flag_for(user, name)
    department = get_object_or_404(departments_for(user), pk=pk)
    overview = look_at(flag)
    place = next(place for place in overview.places if place.department == department)
    form = PinForm(request.POST or None, initial={"mode": place.mode, "version": flag.version})
    context = {
        "place": place,
        "effects": [
            (mode, rehearse_pin(overview, department, mode))
            for mode in OverrideMode
            if mode != place.mode
        ],
    }
    if request.method == "POST" and form.is_valid():
        mode = OverrideMode(form.cleaned_data["mode"])
        done = _attempt(
            request,
            form,
            lambda **common: pin_department(flag, department, mode, **common),
            _("%(department)s: %(mode)s.") % {"department": department, "mode": mode.label},
        )
        if done:
            return redirect(flag)
    return _page(request, "rollout/override_edit.html", flag, form, context)


@require_http_methods(_METHODS)
@permission_required(Permission.ROLLOUT_MANAGE)
def ramp_edit(request: HttpRequest, name: str) -> HttpResponse:
    """Plan the steps of the ramp anew."""
    flag = get_flag_for(acting_user(request), name)
    planned = [Step(step.starts_on, step.percent) for step in planned_steps(flag)]
    rows = min(max(len(planned) + _BLANK_STEPS, _FEWEST_ROWS), MOST_STEPS)
    initial = {"version": flag.version}
    form = RampForm(request.POST or None, planned=planned, rows=rows, initial=initial)
    if request.method == "POST" and form.is_valid():
        steps = form.steps()
        done = _attempt(
            request,
            form,
            lambda **common: plan_ramp(flag, steps, **common),
            _("The ramp is planned.") if steps else _("No step is planned any more."),
        )
        if done:
            return redirect(flag)
    return _page(request, "rollout/ramp_edit.html", flag, form, {})


@require_http_methods(_METHODS)
@permission_required(Permission.ROLLOUT_MANAGE)
def ramp_resume(request: HttpRequest, name: str) -> HttpResponse:
    """Let a ramp that the guardrail halted go on."""
    flag = get_flag_for(acting_user(request), name)
    context = {
        "breaches": [breach_in_words(breach) for breach in flag.halt_detail],
        "steps": planned_steps(flag),
    }
    done = _("The ramp goes on.")
    return _by_reason(request, flag, "rollout/ramp_resume.html", resume_ramp, done, context)


@require_http_methods(_METHODS)
@permission_required(Permission.ROLLOUT_MANAGE)
def guardrail_edit(request: HttpRequest, name: str) -> HttpResponse:
    """Change the limits that halt the ramp."""
    flag = get_flag_for(acting_user(request), name)
    limits = limits_of(flag)
    initial = {
        "rejection": limits.rejection,
        "reversal": limits.reversal,
        "p90": limits.p90,
        "least": limits.least,
        "version": flag.version,
    }
    form = LimitsForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        done = _attempt(
            request,
            form,
            lambda **common: set_limits(flag, form.limits(), **common),
            _("The guardrail is changed."),
        )
        if done:
            return redirect(flag)
    return _page(request, "rollout/guardrail_edit.html", flag, form, {})


def _by_reason(
    request: HttpRequest,
    flag: Flag,
    template: str,
    act: Callable[..., Flag],
    done: str,
    context: dict[str, Any],
) -> HttpResponse:
    form = ReasonForm(request.POST or None, initial={"version": flag.version})
    is_sent = request.method == "POST" and form.is_valid()
    if is_sent and _attempt(request, form, lambda **common: act(flag, **common), done):
        return redirect(flag)
    return _page(request, template, flag, form, context)


def _attempt(
    request: HttpRequest, form: ReasonForm, act: Callable[..., Flag], done: str
) -> bool:
    """Do what a valid form asks for; a refusal goes to its field, and nothing is changed."""
    typed = form.cleaned_data
    try:
        act(version=typed["version"], reason=typed["reason"], actor=acting_user(request))
    except FinanceError as error:
        form.take(error)
        form.refusal = error.http_status
        return False
    messages.success(request, done)
    return True


def _page(
    request: HttpRequest, template: str, flag: Flag, form: ReasonForm, context: dict[str, Any]
) -> HttpResponse:
    status = form.refusal if form.errors else 200
    return render(request, template, {"flag": flag, "form": form} | context, status=status)
