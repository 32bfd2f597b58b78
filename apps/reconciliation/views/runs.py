"""Pages of runs: the list, starting one, and what one found."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.audit.services import record_event
from apps.core.errors import FinanceError
from apps.core.exports import csv_response, xlsx_response
from apps.organizations.access import acting_user, permission_required
from apps.organizations.permissions import Permission
from apps.reconciliation.access import get_run_for, runs_for
from apps.reconciliation.forms.runs import RunFilters, RunForm
from apps.reconciliation.services.queueing import runs_before
from apps.reconciliation.services.run_export import COLUMN_KINDS, export_header, export_rows
from apps.reconciliation.services.run_groups import asked_rows, groups_page
from apps.reconciliation.services.run_list import rows_of_runs
from apps.reconciliation.services.run_pages import findings_of, progress_page
from apps.reconciliation.services.starting import cancel_run, resume_run, start_run
from apps.statements.access import get_channel_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from apps.organizations.models import User
    from apps.reconciliation.models import ReconciliationRun

RUNS_PER_PAGE = 25
REFUSED = 422


@require_safe
@permission_required(Permission.RECONCILIATION_VIEW)
def run_list(request: HttpRequest) -> HttpResponse:
    """Show the runs of all channels, the newest first."""
    user = acting_user(request)
    form = RunFilters(request.GET, user=user)
    runs = runs_for(user).filter(**form.chosen()).order_by("-pk")
    page = Paginator(runs, RUNS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "is_narrowed": bool(form.chosen()),
        "page_obj": page,
        "rows": rows_of_runs(page.object_list),
    }
    return render(request, "reconciliation/run_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.RECONCILIATION_RUN)
def run_create(request: HttpRequest) -> HttpResponse:
    """Queue a run of a channel."""
    user, today = acting_user(request), timezone.localdate()
    last = today.replace(day=1) - timedelta(days=1)
    proposed = {
        "channel": request.GET.get("channel", ""),
        "from_on": last.replace(day=1),
        "to_on": today,
    }
    form = RunForm(request.POST or None, user=user, initial=proposed)
    status = 200
    if form.is_bound:
        status = REFUSED
        if form.is_valid():
            try:
                return _started(request, user, form)
            except FinanceError as error:
                form.add_error(None, str(error))
                status = error.http_status
    return render(request, "reconciliation/run_create.html", {"form": form}, status=status)


@require_safe
@permission_required(Permission.RECONCILIATION_VIEW)
def run_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show where a run stands, and what it found bucket by bucket."""
    run = get_run_for(acting_user(request), pk)
    progress = progress_page(run)
    if request.headers.get("HX-Request") == "true":
        if progress is None:
            return HttpResponse(headers={"HX-Refresh": "true"})
        context = {"run": run, "progress": progress}
        return render(request, "reconciliation/_run_progress.html", context)
    asked = asked_rows(run, request.GET)
    context = {
        "run": run,
        "channel": run.channel,
        "progress": progress,
        "found": findings_of(run),
        "asked": asked,
        "page": groups_page(run, asked, request.GET) if asked else None,
    }
    return render(request, "reconciliation/run_detail.html", context)


@require_safe
@permission_required(Permission.RECONCILIATION_VIEW)
def run_export(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Send the rows of a bucket as CSV or, with `format=xlsx`, as a workbook."""
    user = acting_user(request)
    run = get_run_for(user, pk)
    asked = asked_rows(run, request.GET)
    rows = export_rows(run, asked)
    name = f"reconciliation-{run.channel.code}-{run.number}-{asked.bucket if asked else 'none'}"
    record_event(
        "reconciliation.export",
        actor=user,
        resource=("reconciliation_reconciliationrun", run.pk),
        after={"query": request.GET.urlencode()},
    )
    if request.GET.get("format") == "xlsx":
        return xlsx_response(f"{name}.xlsx", export_header(), rows, COLUMN_KINDS)
    return csv_response(f"{name}.csv", export_header(), rows)


@require_POST
@permission_required(Permission.RECONCILIATION_RUN)
def run_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop a run."""

    def stop(run: ReconciliationRun, user: User) -> str:
        if cancel_run(run, actor=user).state == run.State.CANCELLED:
            return _("The run is cancelled; nothing of it was kept.")
        return _("The run stops before its next step.")

    return _do(request, pk, stop)


@require_POST
@permission_required(Permission.RECONCILIATION_RUN)
def run_resume(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a failed run try again."""

    def resume(run: ReconciliationRun, user: User) -> str:
        resume_run(run, actor=user)
        return _("The run tries again.")

    return _do(request, pk, resume)


def _started(request: HttpRequest, user: User, form: RunForm) -> HttpResponse:
    """Start a run and say where it stands, or show the one that is not finished."""
    data = form.cleaned_data
    channel = get_channel_for(user, data["channel"].code)
    days = {"from_on": data["from_on"], "to_on": data["to_on"]}
    asked_at = timezone.now()
    run = start_run(channel, **days, actor=user)
    if run.created_at < asked_at:
        messages.info(request, _("A run of this channel is not finished yet; here it is."))
    elif count := runs_before(run):
        text = ngettext(
            "The run is queued behind %(count)s other.",
            "The run is queued behind %(count)s others.",
            count,
        )
        messages.success(request, text % {"count": count})
    else:
        messages.success(request, _("The run has begun."))
    return redirect("reconciliation:run_detail", run.pk)


def _do(
    request: HttpRequest, pk: int, step: Callable[[ReconciliationRun, User], str]
) -> HttpResponse:
    user = acting_user(request)
    try:
        messages.success(request, step(get_run_for(user, pk), user))
    except FinanceError as error:
        messages.error(request, str(error))
    return redirect("reconciliation:run_detail", pk)
