"""Pages of mappings: each is tried on a sample before it is saved."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.core.errors import FinanceError
from apps.organizations.access import acting_user, permission_required
from apps.organizations.permissions import Permission
from apps.statements.access import get_mapping_for, mappings_for
from apps.statements.domain.mapping import FIELDS, TableMapping
from apps.statements.forms.mappings import MappingForm
from apps.statements.forms.statements import StatementUploadForm
from apps.statements.services.channels import save_mapping
from apps.statements.services.pages import Trial, try_mapping
from apps.statements.services.samples import guessed_mapping, head_of

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from apps.statements.domain.formats.table import Row
    from apps.statements.models import FormatMapping

REFUSED = 422
# As much as is read of a CSV for a sample; a workbook is read whole in its limited process.
_SAMPLE_BYTES = 256 * 1024
_LARGEST_SAMPLE = 20 * 1024 * 1024


@require_safe
@permission_required(Permission.STATEMENT_VIEW)
def mapping_list(request: HttpRequest) -> HttpResponse:
    """Show the mappings and which channels use them."""
    rows = mappings_for(acting_user(request)).prefetch_related("channels")
    return render(request, "statements/mapping_list.html", {"mappings": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.CHANNEL_MANAGE)
def mapping_create(request: HttpRequest) -> HttpResponse:
    """Make a mapping from a sample."""
    return _editor(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.CHANNEL_MANAGE)
def mapping_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a mapping, at the version that was seen."""
    return _editor(request, get_mapping_for(acting_user(request), pk))


def _editor(request: HttpRequest, mapping: FormatMapping | None) -> HttpResponse:
    upload = StatementUploadForm(None)
    rules = TableMapping.from_json(mapping.rules) if mapping else TableMapping()
    form = MappingForm(initial=_initial(mapping, rules, []))
    trial = Trial([])
    step = request.POST.get("step", "")
    if step == "sample":
        upload = StatementUploadForm(request.POST, request.FILES)
        form, trial = _sampled(upload, mapping, rules) or (form, trial)
    elif request.method == "POST":
        form = MappingForm(request.POST, initial=_initial(mapping, rules, []))
        if form.is_valid():
            rows = form.cleaned_data["sample"]
            form.headings = _headings(rows, form.mapping())
            trial = try_mapping(rows, form.mapping())
            if step == "save" and not trial.problem and _save(request, form, mapping):
                return redirect("statements:mapping_list")
    context = {"form": form, "upload": upload, "mapping": mapping, "trial": trial}
    is_refused = form.errors or upload.errors or (step == "save" and trial.problem)
    status = REFUSED if is_refused else 200
    name = "mapping_edit" if mapping else "mapping_create"
    return render(request, f"statements/{name}.html", context, status=status)


def _sampled(
    upload: StatementUploadForm, mapping: FormatMapping | None, rules: TableMapping
) -> tuple[MappingForm, Trial] | None:
    """Return the editor with the head of a file that was sent."""
    if not upload.is_valid():
        return None
    file = upload.cleaned_data["file"]
    content = file.read(_LARGEST_SAMPLE)
    if not content.startswith(b"PK"):
        content = content[:_SAMPLE_BYTES].rpartition(b"\n")[0] or content[:_SAMPLE_BYTES]
    try:
        rows = head_of(content, rules.to_json())
        rules = rules if mapping else guessed_mapping(content)
    except FinanceError as error:
        upload.add_error("file", str(error))
        return None
    form = MappingForm(initial=_initial(mapping, rules, rows), headings=_headings(rows, rules))
    return form, try_mapping(rows, rules)


def _initial(
    mapping: FormatMapping | None, rules: TableMapping, rows: list[Row]
) -> dict[str, object]:
    columns = {f"column_{name}": rules.columns.get(name, "") for name in FIELDS}
    return rules.to_json() | columns | {
        "name": mapping.name if mapping else "",
        "version": mapping.version if mapping else 0,
        "sample": json.dumps(rows, ensure_ascii=False) if rows else "",
    }  # fmt: skip


def _headings(rows: list[Row], rules: TableMapping) -> list[str]:
    at = rules.skip_head
    if not rules.has_headings or at >= len(rows):
        return []
    return [cell.strip() for cell in rows[at][1] if cell.strip()]


def _save(request: HttpRequest, form: MappingForm, mapping: FormatMapping | None) -> bool:
    try:
        saved = save_mapping(
            mapping,
            name=form.cleaned_data["name"],
            rules=form.mapping(),
            version=form.cleaned_data.get("version") or 0,
            actor=acting_user(request),
        )
    except FinanceError as error:
        form.take(error)
        return False
    messages.success(request, _("Mapping “%(name)s” is saved.") % {"name": saved.name})
    return True
