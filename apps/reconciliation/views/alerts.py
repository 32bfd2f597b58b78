"""Pages of alerts: the list, thresholds of a channel, where alerts are posted to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import model_to_dict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.core.errors import FinanceError
from apps.organizations.access import acting_user, permission_required
from apps.organizations.permissions import Permission
from apps.reconciliation.access import alerts_for, get_alert_for, webhook_for
from apps.reconciliation.clients.webhooks import webhook_key
from apps.reconciliation.forms.alerts import AlertFilters, ThresholdsForm, WebhookForm
from apps.reconciliation.services.alert_pages import filtered_alerts, rows_of
from apps.reconciliation.services.alerts import (
    acknowledge_alert,
    save_thresholds,
    save_webhook,
    thresholds_of,
)
from apps.statements.access import get_channel_for

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

REFUSED = 422
ROWS_PER_PAGE = 50


@require_safe
@permission_required(Permission.RECONCILIATION_VIEW)
def alert_list(request: HttpRequest) -> HttpResponse:
    """Show the alerts that are not over, or those that the filters ask for."""
    user = acting_user(request)
    form = AlertFilters(request.GET, user=user)
    rows = filtered_alerts(alerts_for(user), form.chosen())
    page = Paginator(rows, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page_obj": page, "rows": rows_of(page)}
    return render(request, "reconciliation/alert_list.html", context)


@require_POST
@permission_required(Permission.RECONCILIATION_RUN)
def alert_acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that somebody looks after an alert."""
    user = acting_user(request)
    alert = get_alert_for(user, pk)
    version, note = request.POST.get("version", ""), request.POST.get("note", "")
    try:
        acknowledge_alert(
            alert,
            version=int(version) if version.isascii() and version.isdecimal() else 0,
            note=note[:500],
            actor=user,
        )
    except FinanceError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("You look after it; it closes by itself."))
    return redirect("reconciliation:alert_list")


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.RECONCILIATION_RULES)
def alert_thresholds(request: HttpRequest, channel: str) -> HttpResponse:
    """Set beyond which values a channel is worth an alert, at the version that was seen."""
    user = acting_user(request)
    found = get_channel_for(user, channel)
    limits = thresholds_of(found)
    seen = model_to_dict(limits) | {"version": limits.version}
    form = ThresholdsForm(request.POST or None, initial=seen)
    if request.method == "POST" and form.is_valid():
        typed = dict(form.cleaned_data)
        try:
            save_thresholds(found, version=typed.pop("version"), actor=user, **typed)
        except FinanceError as error:
            form.take(error)
        else:
            messages.success(request, _("The thresholds are saved."))
            return redirect(found)
    context = {"form": form, "channel": found}
    status = REFUSED if form.errors else 200
    return render(request, "reconciliation/alert_thresholds.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.EVENT_MANAGE)
def alert_webhook(request: HttpRequest) -> HttpResponse:
    """Set where the alerts of the organization are posted to, and show what signs them."""
    user = acting_user(request)
    hook = webhook_for(user)
    seen = {"url": hook.url, "is_active": hook.is_active, "version": hook.version}
    form = WebhookForm(request.POST or None, initial=seen)
    if request.method == "POST" and form.is_valid():
        try:
            save_webhook(actor=user, **form.cleaned_data)
        except FinanceError as error:
            form.take(error)
        else:
            messages.success(request, _("The webhook is saved."))
            return redirect("reconciliation:alert_webhook")
    name, secret = webhook_key(user.organization_id or 0)
    context = {"form": form, "key_name": name, "secret": secret}
    status = REFUSED if form.errors else 200
    return render(request, "reconciliation/alert_webhook.html", context, status=status)
