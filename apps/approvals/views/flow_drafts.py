"""Writing a flow: as a copy of another one, or anew; rows come and go without a script too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.approvals.forms.flows import (
    FlowForm,
    SourceForm,
    StepFormSet,
    changed_rows,
    rows_of,
)
from apps.approvals.services.flow_drafts import rewrite_flow
from apps.approvals.services.flows import create_flow
from apps.approvals.services.subjects import SUBJECTS
from apps.approvals.words import FlowState, SubjectKind
from apps.core.errors import FinanceError
from apps.organizations.access import acting_user, permission_required
from apps.organizations.permissions import Permission

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from apps.approvals.models import ApprovalFlow
    from apps.organizations.models import User

REFUSED = 422
_ONE_STEP = ({"number": 1, "resolver": "authority"},)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.ORGANIZATION_MANAGE)
def flow_create(request: HttpRequest) -> HttpResponse:
    """Write a draft of a kind; a draft that is its source is discarded for it."""
    user = acting_user(request)
    kind = (request.POST or request.GET).get("kind", SubjectKind.JOURNAL_ENTRY)
    if kind not in SUBJECTS:
        raise Http404
    source = SourceForm(request.POST or request.GET, user=user, kind=kind).flow()
    if request.method != "POST":
        return _page(request, kind, source, *_begun(source, user))
    form = FlowForm(request.POST, user=user)
    change = request.POST.get("change", "")
    if change:
        return _page(request, kind, source, form, _changed(request, change))
    steps = StepFormSet(request.POST, form_kwargs={"user": user})
    if form.is_valid() and steps.is_valid():
        flow = _write(request, kind, source, form, steps)
        if flow is not None:
            return redirect("approvals:flow_detail", flow.pk)
    return _page(request, kind, source, form, steps, status=REFUSED)


def _begun(source: ApprovalFlow | None, user: User) -> tuple[FlowForm, Any]:
    """Return the forms as they begin."""
    rows = rows_of(source.steps.all()) if source else _ONE_STEP
    first = {
        name: getattr(source, name, None)
        for name in ("word", "ledger", "department", "version")
    }
    steps = StepFormSet(initial=rows, form_kwargs={"user": user})
    return FlowForm(initial=first, user=user), steps


def _changed(request: HttpRequest, change: str) -> Any:
    """Return the rows as they were typed, one more or less; the new one takes the focus."""
    user = acting_user(request)
    rows = changed_rows(request.POST, change, user)
    steps = StepFormSet(initial=rows, form_kwargs={"user": user})
    if change == "add":
        steps.forms[-1].fields["name"].widget.attrs["autofocus"] = True
    return steps


def _write(
    request: HttpRequest, kind: str, source: ApprovalFlow | None, form: FlowForm, steps: Any
) -> ApprovalFlow | None:
    """Keep a valid form; a refusal is shown in it."""
    typed, user = form.cleaned_data, acting_user(request)
    scope = {"ledger": typed["ledger"], "department": typed["department"]}
    written = [row.step() for row in steps.forms]
    try:
        version = typed["version"] or 0
        if source is not None and _is_edited(source, version):
            flow = rewrite_flow(
                source, typed["word"], written, version=version, actor=user, **scope
            )
        else:
            flow = create_flow(kind, typed["word"], written, actor=user, **scope)
    except FinanceError as error:
        form.take(error)
        return None
    messages.success(request, _("The draft is written. It does nothing until it is activated."))
    return flow


def _is_edited(source: ApprovalFlow, version: int) -> bool:
    """Say whether the source is the draft to replace, or was when the form was opened."""
    was_draft = source.state == FlowState.DROPPED and source.version != version
    return source.state == FlowState.DRAFT or was_draft


def _page(
    request: HttpRequest,
    kind: str,
    source: ApprovalFlow | None,
    form: FlowForm,
    steps: Any,
    *,
    status: int = 200,
) -> HttpResponse:
    context = {
        "kind": SubjectKind(kind),
        "source": source,
        "form": form,
        "steps": steps,
        "was_removed": request.POST.get("change", "").startswith("remove"),
    }
    return render(request, "approvals/flow_create.html", context, status=status)
