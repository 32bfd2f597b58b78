"""Pages of jobs: how far, how it ended, where its result is."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.core.errors import FinanceError
from apps.jobs.access import get_job_for, jobs_for
from apps.jobs.models import Job
from apps.jobs.services.kinds import kind_of
from apps.jobs.services.pages import failure_text, result_text
from apps.jobs.services.running import progress_of
from apps.jobs.services.starting import cancel_job, ring
from apps.organizations.access import acting_user, has_permission, permission_required
from apps.organizations.permissions import Permission

PAGE_SIZE = 50


@require_safe
@permission_required(Permission.LEDGER_VIEW)
def job_list(request: HttpRequest) -> HttpResponse:
    """List the jobs of the organization, the newest first."""
    page = Paginator(jobs_for(acting_user(request)), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    rows = [(job, kind_of(job).label) for job in page]
    return render(request, "jobs/job_list.html", {"page": page, "rows": rows})


@require_safe
@permission_required(Permission.LEDGER_VIEW)
def job_detail(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Show where a job stands; htmx gets the progress alone."""
    job = get_job_for(acting_user(request), public_id)
    context = _context(request, job)
    if request.headers.get("HX-Request") != "true":
        return render(request, "jobs/job_detail.html", context)
    if job.is_unfinished:
        return render(request, "jobs/_job_progress.html", context)
    return HttpResponse(headers={"HX-Refresh": "true"})


@require_POST
@permission_required(Permission.PERIOD_MANAGE, Permission.RATE_MANAGE)
def job_cancel(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Stop a job before its next step."""
    user = acting_user(request)
    job = get_job_for(user, public_id)
    try:
        cancel_job(job, actor=user)
    except FinanceError as error:
        messages.error(request, str(error))
    return redirect(job)


@require_POST
@permission_required(Permission.PERIOD_MANAGE, Permission.RATE_MANAGE)
def job_resume(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Ring again for the worker of a job that is stuck."""
    job = get_job_for(acting_user(request), public_id)
    if job.is_stuck:
        ring(job)
        messages.info(request, _("The work goes on."))
    return redirect(job)


def _context(request: HttpRequest, job: Job) -> dict[str, Any]:
    kind = kind_of(job)
    return {
        "job": job,
        "kind": kind,
        "progress": progress_of(job),
        "failure": failure_text(job),
        "result": result_text(job),
        "may_stop": job.is_unfinished and has_permission(request.user, kind.permission),
    }
