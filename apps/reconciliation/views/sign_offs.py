"""Pages of proofs and sign-offs: look at a proof, prepare it, sign it, undo it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.core.errors import FinanceError
from apps.organizations.access import acting_user, permission_required
from apps.organizations.permissions import Permission
from apps.reconciliation.access import (
    finished_runs_for,
    get_finished_run_for,
    get_sign_off_for,
)
from apps.reconciliation.forms.sign_offs import NotesForm, ReasonForm
from apps.reconciliation.services.sign_off_breaks import rows_of_items
from apps.reconciliation.services.sign_off_pages import (
    proof_page,
    runs_to_list,
    sign_off_rows,
)
from apps.reconciliation.services.sign_off_paper import paper_of
from apps.reconciliation.services.sign_offs import (
    ask_to_withdraw,
    decide_withdrawal,
    prepare_sign_off,
    return_sign_off,
    sign_off,
)
from apps.statements.access import channels_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

    from apps.organizations.models import User
    from apps.reconciliation.models import ReconciliationRun, SignOff

ROWS_PER_PAGE = 50


@require_safe
@permission_required(Permission.RECONCILIATION_VIEW)
def sign_off_list(request: HttpRequest) -> HttpResponse:
    """Show what was signed off by month and channel, and what waits for it."""
    user = acting_user(request)
    channels = channels_for(user)
    chosen = channels.filter(code=request.GET.get("channel", "")).first()
    runs = runs_to_list(finished_runs_for(user))
    if chosen:
        runs = runs.filter(channel=chosen)
    page = Paginator(runs, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "rows": sign_off_rows(page.object_list),
        "channels": channels,
        "chosen": chosen,
    }
    return render(request, "reconciliation/sign_off_list.html", context)


@require_safe
@permission_required(Permission.RECONCILIATION_VIEW)
def proof_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the proof of a run, what is open, who signed it, and what hinders that."""
    user = acting_user(request)
    run = get_finished_run_for(user, pk)
    shown = proof_page(run)
    items = Paginator(shown.sheet.items, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "run": run,
        "channel": run.channel,
        "proof": shown,
        "page_obj": items,
        "rows": rows_of_items(run, list(items.object_list)),
        "is_own": shown.current is not None and shown.current.prepared_by_id == user.pk,
        "is_own_wish": shown.withdrawal is not None and shown.withdrawal.asked_by_id == user.pk,
        "notes_form": NotesForm(),
        "reason_form": ReasonForm(),
    }
    return render(request, "reconciliation/proof_detail.html", context)


@require_safe
@permission_required(Permission.RECONCILIATION_VIEW)
def proof_download(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the proof of a run as PDF, in the reader's language."""
    run = get_finished_run_for(acting_user(request), pk)
    response = HttpResponse(paper_of(proof_page(run)), content_type="application/pdf")
    name = f"proof-{run.channel.code}-{run.to_on}-{run.number}.pdf"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_POST
@permission_required(Permission.RECONCILIATION_RUN)
def proof_prepare(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a proof before its reviewer."""
    run = get_finished_run_for(acting_user(request), pk)

    def prepare(user: User) -> str:
        prepare_sign_off(run, actor=user, notes=_notes(request))
        return _("The proof waits for another person to sign it.")

    return _do(request, run, prepare)


@require_POST
@permission_required(Permission.RECONCILIATION_SIGN)
def sign_off_sign(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign a proof that another person prepared."""
    found = _found(request, pk)

    def sign(user: User) -> str:
        sign_off(found, actor=user, notes=_notes(request))
        return _("Signed off. The run stays as it is from now on.")

    return _do(request, found.run, sign)


@require_POST
@permission_required(Permission.RECONCILIATION_RUN, Permission.RECONCILIATION_SIGN)
def sign_off_return(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a proof back, or take the own one back."""
    found = _found(request, pk)

    def give_back(user: User) -> str:
        return_sign_off(found, actor=user, notes=_notes(request))
        return _("The proof was given back.")

    return _do(request, found.run, give_back)


@require_POST
@permission_required(Permission.RECONCILIATION_RUN)
def sign_off_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask to undo a sign-off."""
    found = _found(request, pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Write why the sign-off has to be undone."))
        return redirect("reconciliation:proof_detail", found.run_id)

    def ask(user: User) -> str:
        ask_to_withdraw(found, actor=user, reason=form.cleaned_data["reason"])
        return _("Another person decides whether the sign-off is withdrawn.")

    return _do(request, found.run, ask)


@require_POST
@permission_required(Permission.RECONCILIATION_SIGN)
def sign_off_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Withdraw a sign-off as another person asked, or leave it in force."""
    found = _found(request, pk)
    asked = found.withdrawals.filter(state="asked").first()
    is_confirmed = request.POST.get("decision") == "confirm"

    def decide(user: User) -> str:
        if asked:
            decide_withdrawal(asked, is_confirmed=is_confirmed, actor=user)
        if asked and is_confirmed:
            return _("The sign-off is withdrawn; run these days again and sign the new run.")
        return _("The sign-off stays in force.")

    return _do(request, found.run, decide)


def _found(request: HttpRequest, pk: int) -> SignOff:
    return get_sign_off_for(acting_user(request), pk)


def _notes(request: HttpRequest) -> str:
    form = NotesForm(request.POST)
    return form.cleaned_data["notes"] if form.is_valid() else ""


def _do(
    request: HttpRequest, run: ReconciliationRun, step: Callable[[User], str]
) -> HttpResponse:
    try:
        messages.success(request, step(acting_user(request)))
    except FinanceError as error:
        messages.error(request, str(error))
    return redirect("reconciliation:proof_detail", run.pk)
