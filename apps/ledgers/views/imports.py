"""Pages of the import wizard: upload, map and preview, check, import, approve."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.core.errors import FinanceError
from apps.core.exports import csv_response
from apps.core.rounds import rounds
from apps.ledgers.access import (
    dimension_types_for,
    get_journal_import_for,
    get_ledger_for,
    imports_for,
)
from apps.ledgers.domain.import_mapping import ImportMapping
from apps.ledgers.forms.import_form import (
    ImportMappingForm,
    ImportUploadForm,
    initial_of,
    place_label,
)
from apps.ledgers.import_errors import ColumnIsMissing, FileWasImported, FileWasUploaded
from apps.ledgers.models import EntryState, JournalImport
from apps.ledgers.services.import_pages import (
    ImportFault,
    failure_text,
    faults_of,
    preview_of,
    progress_of_page,
    states_of_entries,
    step_of,
)
from apps.ledgers.services.import_rounds import JOURNAL_IMPORT
from apps.ledgers.services.journal_imports import (
    check_file_size,
    check_journal_import,
    decide_journal_import,
    is_stuck,
    map_journal_import,
    ring,
    start_journal_import,
    upload_journal_import,
)
from apps.organizations.access import acting_user, permission_required
from apps.organizations.permissions import Permission

if TYPE_CHECKING:
    from apps.ledgers.models import Ledger

PAGE_SIZE = 50
State = JournalImport.State


@require_safe
@permission_required(Permission.LEDGER_VIEW)
def journal_import_list(request: HttpRequest, ledger: str) -> HttpResponse:
    """List the imports into a ledger, the newest first."""
    books = get_ledger_for(acting_user(request), ledger)
    page = Paginator(imports_for(books), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "ledgers/journal_import_list.html", {"ledger": books, "page": page})


@require_http_methods(["GET", "POST", "HEAD"])
@permission_required(Permission.ENTRY_DRAFT)
def journal_import_create(request: HttpRequest, ledger: str) -> HttpResponse:
    """Take a file."""
    books = get_ledger_for(acting_user(request), ledger)
    form = ImportUploadForm(request.POST or None, request.FILES or None)
    known = None
    if request.method == "POST" and form.is_valid():
        try:
            made = _upload(request, books, form)
        except FinanceError as error:
            known = _known_import(books, error)
            form.add_error("file", str(error))
            return _upload_page(request, books, form, known, status=error.http_status)
        return redirect("ledgers:journal_import_map", books.code, made.pk)
    return _upload_page(request, books, form, known, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST", "HEAD"])
@permission_required(Permission.ENTRY_DRAFT)
def journal_import_map(request: HttpRequest, ledger: str, pk: int) -> HttpResponse:
    """Say where each field comes from, look at the entries, and have them checked."""
    found = get_journal_import_for(acting_user(request), ledger, pk)
    stored = ImportMapping.from_json(found.mapping)
    names = {kind.code: kind.label for kind in dimension_types_for(acting_user(request))}
    form = ImportMappingForm(
        request.POST or None,
        labels=found.headers,
        dimensions=names,
        initial=initial_of(stored, found.headers),
    )
    status = 422 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        try:
            return _keep_mapping(request, found, form)
        except FinanceError as error:
            _blame(form, error)
            status = error.http_status
    preview = preview_of(found)
    context = {
        "ledger": found.ledger,
        "journal_import": found,
        "form": form,
        "preview": preview,
        "preview_faults": _labelled(preview.faults),
    }
    return render(request, "ledgers/journal_import_map.html", context, status=status)


@require_safe
@permission_required(Permission.LEDGER_VIEW)
def journal_import_detail(request: HttpRequest, ledger: str, pk: int) -> HttpResponse:
    """Show where an import stands; htmx gets the progress alone."""
    found = get_journal_import_for(acting_user(request), ledger, pk)
    progress = progress_of_page(found)
    is_fragment = request.headers.get("HX-Request") == "true"
    context = {
        "ledger": found.ledger,
        "journal_import": found,
        "job": progress,
        "is_running": progress.is_running,
        # While a worker writes, its lease may end, but it goes on telling how far it is.
        "is_stuck": is_stuck(found) and found.lease_until and not progress.done,
        "step": step_of(found),
        "url": reverse("ledgers:journal_import_detail", args=(ledger, pk)),
    }
    if is_fragment and progress.is_running:
        return render(request, "components/job_progress.html", context)
    if is_fragment:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(
        request, "ledgers/journal_import_detail.html", context | _details(request, found)
    )


@require_POST
@permission_required(Permission.ENTRY_SUBMIT)
def journal_import_start(request: HttpRequest, ledger: str, pk: int) -> HttpResponse:
    """Import a checked file, or ring again for the worker of one that is stuck."""
    user = acting_user(request)
    found = get_journal_import_for(user, ledger, pk)
    if is_stuck(found):
        ring(found)
        messages.info(request, _("The work goes on."))
        return redirect("ledgers:journal_import_detail", ledger, pk)
    try:
        start_journal_import(found, version=_version(request), actor=user)
    except FinanceError as error:
        messages.error(request, str(error))
    return redirect("ledgers:journal_import_detail", ledger, pk)


@require_safe
@permission_required(Permission.LEDGER_VIEW)
def journal_import_errors(request: HttpRequest, ledger: str, pk: int) -> HttpResponseBase:
    """Download what is wrong in a file, row by row."""
    found = get_journal_import_for(acting_user(request), ledger, pk)
    header = [pgettext("file", "Row"), _("Field"), _("Reason")]
    faults = faults_of(found.errors.iterator(chunk_size=1_000))
    return csv_response(f"import-{found.pk}-errors.csv", header, _error_rows(faults))


@require_POST
@permission_required(Permission.ENTRY_APPROVE, Permission.ENTRY_POST)
def journal_import_approve(request: HttpRequest, ledger: str, pk: int) -> HttpResponse:
    """Approve all entries of an import, and post them too if asked."""
    user = acting_user(request)
    found = get_journal_import_for(user, ledger, pk)
    posts_too = request.POST.get("act") == "post"
    try:
        decide_journal_import(found, version=_version(request), actor=user, posts_too=posts_too)
    except FinanceError as error:
        messages.error(request, str(error))
    return redirect("ledgers:journal_import_detail", ledger, pk)


def _upload(request: HttpRequest, ledger: Ledger, form: ImportUploadForm) -> JournalImport:
    file = form.cleaned_data["file"]
    check_file_size(file.size)
    return upload_journal_import(
        ledger,
        file.read(),
        file.name,
        actor=acting_user(request),
        word=form.cleaned_data["word"],
        kind=form.cleaned_data["kind"],
        may_repeat=form.cleaned_data["may_repeat"],
    )


def _upload_page(
    request: HttpRequest,
    ledger: Ledger,
    form: ImportUploadForm,
    known: JournalImport | None,
    *,
    status: int,
) -> HttpResponse:
    context = {"ledger": ledger, "form": form, "known": known}
    return render(request, "ledgers/journal_import_create.html", context, status=status)


def _known_import(ledger: Ledger, error: FinanceError) -> JournalImport | None:
    if not isinstance(error, FileWasImported | FileWasUploaded):
        return None
    return imports_for(ledger).filter(pk=str(error.values["number"])).first()


def _keep_mapping(
    request: HttpRequest, found: JournalImport, form: ImportMappingForm
) -> HttpResponse:
    """Store a mapping, and start the check if asked."""
    user = acting_user(request)
    is_check = request.POST.get("act") == "check"
    map_journal_import(found, form.mapping(), version=_version(request), actor=user)
    if is_check:
        check_journal_import(found, version=found.version, actor=user)
    page = "detail" if is_check else "map"
    return redirect(f"ledgers:journal_import_{page}", found.ledger.code, found.pk)


def _blame(form: ImportMappingForm, error: FinanceError) -> None:
    """Put a refusal at the control that it is about."""
    column = f"column_{error.field}"
    name = column if column in form.fields else error.field
    if isinstance(error, ColumnIsMissing):
        error = ColumnIsMissing(name=form.field_names[error.field])
    form.add_error(name if name in form.fields else None, str(error))


def _details(request: HttpRequest, found: JournalImport) -> dict[str, Any]:
    user = acting_user(request)
    errors = Paginator(found.errors.all(), PAGE_SIZE).get_page(request.GET.get("page"))
    counts = states_of_entries(found)
    states = {row.state for row in counts}
    is_waiting = EntryState.SUBMITTED in states
    asked = is_waiting and rounds().standing(JOURNAL_IMPORT, found.pk, reader=user)
    is_ruled = rounds().rule_on(JOURNAL_IMPORT, found.pk)
    return {
        "errors_page": errors,
        "faults": _labelled(faults_of(errors.object_list)),
        "failure": failure_text(found),
        "entry_states": counts,
        "is_maker": found.created_by_id == user.pk,
        "waits_for_approval": is_waiting,
        "waits_for_posting": EntryState.APPROVED in states,
        "asked": asked or None,
        "may_decide": asked.may_answer if asked else not is_ruled,
        "can_be_handed_in": EntryState.DRAFT in states
        or (is_waiting and is_ruled and not asked),
    }


def _labelled(faults: Iterable[ImportFault]) -> list[ImportFault]:
    """Return faults whose field is a word of the reader's language."""
    return [replace(fault, field=place_label(fault.field)) for fault in faults]


def _error_rows(faults: Iterator[ImportFault]) -> Iterator[list[str | int]]:
    for fault in faults:
        yield [fault.row, place_label(fault.field), fault.reason]


def _version(request: HttpRequest) -> int:
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0  # noqa: PLR2004  (fits an integer)
