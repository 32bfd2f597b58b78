"""Pages of imports of published rates: bring a file, follow it, confirm or reject it."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.core.errors import FinanceError, sentence_of
from apps.fx.access import get_rate_import_for, rate_imports_for
from apps.fx.forms import RateUploadForm, VersionForm
from apps.fx.models import RateImport
from apps.fx.services.rate_imports import (
    confirm_rate_import,
    continue_rate_import,
    job_of,
    reject_rate_import,
    upload_rates,
)
from apps.jobs.services.running import stored_failure
from apps.organizations.access import acting_user, permission_required
from apps.organizations.models import User
from apps.organizations.permissions import Permission

REFUSED = 422
SHOWN_IMPORTS = 20
SAMPLE = 12


@require_http_methods(["GET", "POST", "HEAD"])
@permission_required(Permission.RATE_MANAGE)
def rate_import_create(request: HttpRequest) -> HttpResponse:
    """Take a published file, and show those that came before."""
    user = acting_user(request)
    form = RateUploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            return redirect(upload_rates(file.read(), file.name or "", actor=user))
        except FinanceError as error:
            form.add_error("file", str(error))
    context = {"form": form, "imports": rate_imports_for(user)[:SHOWN_IMPORTS]}
    return render(
        request, "fx/rate_import_create.html", context, status=REFUSED if form.errors else 200
    )


@require_safe
@permission_required(Permission.RATE_VIEW)
def rate_import_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what a file brought, and where it stands."""
    user = acting_user(request)
    found = get_rate_import_for(user, pk)
    context = {
        "rate_import": found,
        "job": job_of(found),
        "failure": sentence_of(*stored_failure(found.failure)) if found.failure else "",
        "is_own_entry": found.entered_by_id == user.pk,
        "sample": found.rates.order_by("-valid_from", "to_currency")[:SAMPLE],
    }
    return render(request, "fx/rate_import_detail.html", context)


@require_POST
@permission_required(Permission.RATE_MANAGE, Permission.RATE_CONFIRM)
def rate_import_continue(request: HttpRequest, pk: int) -> HttpResponse:
    """Start the waiting step of an import again, after its job was stopped."""

    def go_on(found: RateImport, user: User) -> str:
        continue_rate_import(found, actor=user)
        return _("The work goes on.")

    return _do(request, pk, go_on)


@require_POST
@permission_required(Permission.RATE_CONFIRM)
def rate_import_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the rates of a file be used."""
    version = _version(request)

    def confirm(found: RateImport, user: User) -> str:
        confirm_rate_import(found, version=version, actor=user)
        return _("Confirmed: the rates are used as soon as the job is done.")

    return _do(request, pk, confirm)


@require_POST
@permission_required(Permission.RATE_CONFIRM)
def rate_import_reject(request: HttpRequest, pk: int) -> HttpResponse:
    """Refuse the rates of a file."""
    version = _version(request)
    reason = request.POST.get("reason", "")[:200]

    def reject(found: RateImport, user: User) -> str:
        reject_rate_import(found, version=version, actor=user, reason=reason)
        return _("Rejected: none of its rates is ever used.")

    return _do(request, pk, reject)


def _version(request: HttpRequest) -> int:
    """Return the version that was seen; 0, which no row has, for none."""
    form = VersionForm(request.POST)
    return int(form.cleaned_data["version"]) if form.is_valid() else 0


def _do(request: HttpRequest, pk: int, step: Callable[[RateImport, User], str]) -> HttpResponse:
    user = acting_user(request)
    found = get_rate_import_for(user, pk)
    try:
        messages.success(request, step(found, user))
    except FinanceError as error:
        messages.error(request, str(error))
    return redirect(found)
