"""Pages of statements: bring a file, look at what is in it, import it, see its lines."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.core.errors import FinanceError
from apps.core.paging import keyset_page
from apps.jobs.services.running import progress_of
from apps.organizations.access import acting_user, permission_required
from apps.organizations.models import User
from apps.organizations.permissions import Permission
from apps.statements.access import get_channel_for, get_statement_for, lines_of
from apps.statements.forms.statements import StatementUploadForm, VersionForm
from apps.statements.models import StatementFile
from apps.statements.services.pages import failure_of_statement, findings_of
from apps.statements.services.statement_files import (
    discard_statement,
    import_statement,
    job_of,
    read_again,
    takes_files,
    upload_statement,
)

REFUSED = 422
ROWS_PER_PAGE = 50
SHOWN_PARTS = 60


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.STATEMENT_IMPORT)
def statement_upload(request: HttpRequest, channel: str) -> HttpResponse:
    """Take a file of a channel."""
    user = acting_user(request)
    found = get_channel_for(user, channel)
    form = StatementUploadForm(request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            return redirect(upload_statement(found, file.read(), file.name or "", actor=user))
        except FinanceError as error:
            form.take(error)
            status = error.http_status
    context = {"form": form, "channel": found, "takes_files": takes_files(found)}
    if form.errors and status == 200:  # noqa: PLR2004  (HTTP's)
        status = REFUSED
    return render(request, "statements/statement_upload.html", context, status=status)


@require_safe
@permission_required(Permission.STATEMENT_VIEW)
def statement_detail(request: HttpRequest, channel: str, pk: int) -> HttpResponse:
    """Show where a file stands: progress, preview, or its proof and lines."""
    found = get_statement_for(acting_user(request), channel, pk)
    job = job_of(found)
    if request.headers.get("HX-Request") == "true":
        if job is None:
            return HttpResponse(headers={"HX-Refresh": "true"})
        return render(request, "statements/_progress.html", _progress(found, job))
    context = {
        "statement": found,
        "channel": found.channel,
        "job": job,
        "failure": failure_of_statement(found),
        "findings": findings_of(found),
        "parts": found.parts.all()[:SHOWN_PARTS],
        "page": keyset_page(lines_of(found), request.GET, ROWS_PER_PAGE),
    }
    return render(request, "statements/statement_detail.html", context | _progress(found, job))


@require_safe
@permission_required(Permission.STATEMENT_VIEW)
def statement_download(request: HttpRequest, channel: str, pk: int) -> FileResponse:
    """Send the bytes as they came, for saving."""
    found = get_statement_for(acting_user(request), channel, pk)
    response = FileResponse(
        found.file.open("rb"),
        as_attachment=True,
        filename=found.filename,
        content_type="application/octet-stream",
    )
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_POST
@permission_required(Permission.STATEMENT_IMPORT)
def statement_read(request: HttpRequest, channel: str, pk: int) -> HttpResponse:
    """Start the reading again, after its job was stopped."""

    def again(found: StatementFile, user: User, _form: VersionForm) -> str:
        read_again(found, actor=user)
        return _("The work goes on.")

    return _do(request, channel, pk, again)


@require_POST
@permission_required(Permission.STATEMENT_IMPORT)
def statement_import(request: HttpRequest, channel: str, pk: int) -> HttpResponse:
    """Import a statement that was looked at."""

    def start(found: StatementFile, user: User, form: VersionForm) -> str:
        import_statement(
            found,
            version=form.cleaned_data.get("version") or 0,
            actor=user,
            accepts_conflicts=form.cleaned_data.get("accepts_conflicts", False),
        )
        return _("The statement is being imported.")

    return _do(request, channel, pk, start)


@require_POST
@permission_required(Permission.STATEMENT_IMPORT)
def statement_discard(request: HttpRequest, channel: str, pk: int) -> HttpResponse:
    """Put a file aside that was not imported."""

    def discard(found: StatementFile, user: User, form: VersionForm) -> str:
        version = form.cleaned_data.get("version") or 0
        discard_statement(found, version=version, actor=user)
        return _("The file is discarded; nothing of it was imported.")

    return _do(request, channel, pk, discard)


def _do(
    request: HttpRequest,
    channel: str,
    pk: int,
    step: Callable[[StatementFile, User, VersionForm], str],
) -> HttpResponse:
    user = acting_user(request)
    found = get_statement_for(user, channel, pk)
    form = VersionForm(request.POST)
    form.is_valid()
    try:
        messages.success(request, step(found, user, form))
    except FinanceError as error:
        messages.error(request, str(error))
    return redirect(found)


def _progress(statement: StatementFile, job: object) -> dict[str, object]:
    """Return what the component of a running job shows."""
    return {
        "statement": statement,
        "progress": progress_of(job) if job else None,  # type: ignore[arg-type]
        "is_running": job is not None,
        "url": statement.get_absolute_url(),
    }
