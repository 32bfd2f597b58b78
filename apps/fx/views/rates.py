"""Pages of single rates: enter one, look at it, confirm or reject it."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.core.errors import FinanceError
from apps.core.rounds import rounds
from apps.fx.access import get_rate_for
from apps.fx.forms import RateForm, VersionForm, today_as_text
from apps.fx.models import ExchangeRate, RateState
from apps.fx.services.known_rates import change_from, known_without
from apps.fx.services.rates import MANUAL_RATE, confirm_rate, enter_rate, reject_rate
from apps.organizations.access import acting_user, permission_required
from apps.organizations.models import User
from apps.organizations.permissions import Permission

REFUSED = 422


@require_http_methods(["GET", "POST", "HEAD"])
@permission_required(Permission.RATE_MANAGE)
def rate_create(request: HttpRequest) -> HttpResponse:
    """Enter a rate; another person confirms it."""
    initial = {
        "from_currency": request.GET.get("from", "USD"),
        "to_currency": request.GET.get("to", "CNY"),
        "valid_from": today_as_text(),
    }
    form = RateForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            rate = enter_rate(form.new_rate(), actor=acting_user(request))
        except FinanceError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, _("Entered. Another person has to confirm it."))
            return redirect("fx:rate_detail", rate.pk)
    status = REFUSED if form.errors else 200
    return render(request, "fx/rate_create.html", {"form": form}, status=status)


@require_safe
@permission_required(Permission.RATE_VIEW)
def rate_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a rate, what it changes, and who entered and confirmed it."""
    user = acting_user(request)
    rate = get_rate_for(user, pk)
    known = known_without(rate)
    is_waiting = rate.state == RateState.WAITING and rate.rate_import_id is None
    context = {
        "rate": rate,
        "asked": rounds().standing(MANUAL_RATE, rate.pk, reader=user) if is_waiting else None,
        "known": known,
        "change": change_from(known, rate) if known else None,
        "is_waiting": is_waiting,
        "is_own_entry": rate.entered_by_id == user.pk,
    }
    return render(request, "fx/rate_detail.html", context)


@require_POST
@permission_required(Permission.RATE_CONFIRM)
def rate_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a rate be used."""

    def confirm(rate: ExchangeRate, form: VersionForm, user: User) -> str:
        rate = confirm_rate(rate, version=form.cleaned_data["version"], actor=user)
        if rate.state == RateState.WAITING:
            return _("Approved; others decide too.")
        return _("Confirmed: it is used from now on.")

    return _decide(request, pk, confirm)


@require_POST
@permission_required(Permission.RATE_CONFIRM)
def rate_reject(request: HttpRequest, pk: int) -> HttpResponse:
    """Refuse a rate."""

    def reject(rate: ExchangeRate, form: VersionForm, user: User) -> str:
        data = form.cleaned_data
        reject_rate(rate, version=data["version"], actor=user, reason=data["reason"])
        return _("Rejected: it is never used.")

    return _decide(request, pk, reject)


def _decide(
    request: HttpRequest, pk: int, step: Callable[[ExchangeRate, VersionForm, User], str]
) -> HttpResponse:
    user = acting_user(request)
    rate = get_rate_for(user, pk)
    form = VersionForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("The form was incomplete. Nothing was changed."))
        return redirect("fx:rate_detail", rate.pk)
    try:
        messages.success(request, step(rate, form, user))
    except FinanceError as error:
        messages.error(request, str(error))
    return redirect("fx:rate_detail", rate.pk)
