"""Flows: listed by kind, looked at and rehearsed, activated, retired, discarded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.approvals.access import flows_for, get_flow_for
from apps.approvals.forms.flows import RehearsalForm
from apps.approvals.forms.versions import VersionForm
from apps.approvals.services.flow_drafts import discard_flow
from apps.approvals.services.flow_lists import edition_of, flows_by_kind
from apps.approvals.services.flow_words import changes_between, history_of, rungs, scope_words
from apps.approvals.services.flows import (
    activate_flow,
    is_the_last,
    replaced_by,
    retire_flow,
)
from apps.approvals.services.rehearsal import Rehearsal, Trial, rehearse
from apps.approvals.words import FlowState, RequestState
from apps.core.errors import FinanceError
from apps.organizations.access import acting_user, permission_required
from apps.organizations.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    from apps.approvals.models import ApprovalFlow

REFUSED = 422


@require_safe
@permission_required(Permission.PEOPLE_VIEW)
def flow_list(request: HttpRequest) -> HttpResponse:
    """Show the flows of every kind of subject, those in force first."""
    kinds = flows_by_kind(flows_for(acting_user(request)))
    return render(request, "approvals/flow_list.html", {"kinds": kinds})


@require_safe
@permission_required(Permission.PEOPLE_VIEW)
def flow_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a flow as a ladder of steps, and who would be asked about a submission of today."""
    user = acting_user(request)
    flow = get_flow_for(user, pk)
    form = RehearsalForm(request.GET if "amount" in request.GET else None, user=user)
    rehearsal = _rehearsal(flow, form)
    context = _about(request, flow) | {
        "form": form,
        "rehearsal": rehearsal,
        "history": history_of(flow),
    }
    status = REFUSED if form.is_bound and rehearsal is None else 200
    return render(request, "approvals/flow_detail.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.ORGANIZATION_MANAGE)
def flow_activate(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what changes and what runs on as it began; then let submissions take the flow."""
    flow = get_flow_for(acting_user(request), pk)
    if request.method == "POST":
        return _done(request, flow, activate_flow, _("Submissions take the flow from now on."))
    replaced = flows_for(acting_user(request)).filter(pk__in=replaced_by(flow)).first()
    context = _about(request, flow) | {
        "replaced": replaced,
        "changes": changes_between(replaced.steps.all() if replaced else (), flow.steps.all()),
        "running": _open_requests(replaced) if replaced else 0,
    }
    return render(request, "approvals/flow_activate.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.ORGANIZATION_MANAGE)
def flow_retire(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what runs on as it began; then take no more submissions by the flow."""
    flow = get_flow_for(acting_user(request), pk)
    if request.method == "POST":
        return _done(request, flow, retire_flow, _("No submission takes the flow any more."))
    context = _about(request, flow) | {"running": _open_requests(flow)}
    return render(request, "approvals/flow_retire.html", context)


@require_POST
@permission_required(Permission.ORGANIZATION_MANAGE)
def flow_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a draft away."""
    flow = get_flow_for(acting_user(request), pk)
    return _done(request, flow, discard_flow, _("The draft is discarded."))


def _about(request: HttpRequest, flow: ApprovalFlow) -> dict[str, Any]:
    """Return what every page of a flow shows."""
    return {
        "flow": flow,
        "is_last": flow.state == FlowState.ACTIVE and is_the_last(flow),
        "edition": edition_of(flow, flows_for(acting_user(request))),
        "scope": scope_words(flow),
        "rungs": rungs(flow.steps.all()),
    }


def _open_requests(flow: ApprovalFlow) -> int:
    return flow.requests.filter(state=RequestState.OPEN).count()


def _rehearsal(flow: ApprovalFlow, form: RehearsalForm) -> Rehearsal | None:
    if not form.is_valid():
        return None
    typed = form.cleaned_data
    department = typed["department"] or typed["maker"].department
    return rehearse(flow, Trial(typed["amount"], typed["maker"], department, typed["ledger"]))


def _done(
    request: HttpRequest, flow: ApprovalFlow, step: Callable[..., ApprovalFlow], said: str
) -> HttpResponse:
    """Take a step with a flow at the version that was seen, and show it."""
    form = VersionForm(request.POST)
    try:
        if not form.is_valid():
            messages.error(request, _("The form is incomplete: open the page again."))
        else:
            step(flow, version=form.cleaned_data["version"], actor=acting_user(request))
            messages.success(request, said)
    except FinanceError as error:
        messages.error(request, str(error))
    return redirect("approvals:flow_detail", flow.pk)
