"""Pages of match rates: all channels, and one over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from apps.audit.services import record_event
from apps.core.exports import csv_response, xlsx_response
from apps.organizations.access import acting_user, permission_required
from apps.organizations.permissions import Permission
from apps.reconciliation.services.match_rates import (
    COLUMN_KINDS,
    RUNS_OF_A_TABLE,
    channel_rates,
    export_header,
    export_rows,
    finished_runs,
    rate_chart,
    rates_of,
)
from apps.statements.access import channels_for, get_channel_for

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase


@require_safe
@permission_required(Permission.RECONCILIATION_VIEW)
def rate_list(request: HttpRequest) -> HttpResponse:
    """Show how much each channel matches by itself, beside its run before."""
    channels = channels_for(acting_user(request)).filter(is_active=True)
    context = {"rows": channel_rates(list(channels))}
    return render(request, "reconciliation/rate_list.html", context)


@require_safe
@permission_required(Permission.RECONCILIATION_VIEW)
def rate_detail(request: HttpRequest, channel: str) -> HttpResponse:
    """Show how much a channel matched by itself, run by run."""
    found = get_channel_for(acting_user(request), channel)
    rates = rates_of(finished_runs(found)[:RUNS_OF_A_TABLE])
    context = {
        "channel": found,
        "row": channel_rates([found])[0],
        "rates": rates,
        "chart": rate_chart(rates),
        "series": [_("Matched by rows"), _("Matched by value")],
    }
    return render(request, "reconciliation/rate_detail.html", context)


@require_safe
@permission_required(Permission.RECONCILIATION_VIEW)
def rate_export(request: HttpRequest) -> HttpResponseBase:
    """Send the rates of all runs, or of one channel's, as CSV or with `format=xlsx` as XLSX."""
    user = acting_user(request)
    code = request.GET.get("channel", "")
    rows = export_rows([get_channel_for(user, code)] if code else channels_for(user))
    record_event(
        "reconciliation.export_rates",
        actor=user,
        resource=("reconciliation_runoutcome", code or "all"),
    )
    if request.GET.get("format") == "xlsx":
        return xlsx_response("match-rates.xlsx", export_header(), rows, COLUMN_KINDS)
    return csv_response("match-rates.csv", export_header(), rows)
