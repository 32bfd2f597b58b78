"""Pages of a close: checklist and steps, reopening, where closing entries go."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.core.errors import FinanceError, InvalidInput
from apps.core.rounds import rounds
from apps.ledgers.access import get_ledger_for, get_period_for
from apps.ledgers.forms.closing_form import (
    ClosingSettingsForm,
    ClosingStepForm,
    ReopenDecisionForm,
)
from apps.ledgers.models import Period, PeriodState, ReopenRequest
from apps.ledgers.services.closing.jobs import start_closing_step
from apps.ledgers.services.closing.pages import close_page_of, waiting_request
from apps.ledgers.services.closing.reopen import (
    PERIOD_REOPEN,
    approve_reopening,
    reject_reopening,
    request_reopening,
    withdraw_reopening,
)
from apps.ledgers.services.closing.settings import (
    closing_settings_of,
    fx_method_of,
    ledger_accounts_of,
    profit_transfer_of,
    save_closing_settings,
)
from apps.ledgers.services.period_overview import steps_of
from apps.organizations.access import acting_user, permission_required
from apps.organizations.permissions import Permission
from apps.policies.words import FxMethod, ProfitTransfer


@require_safe
@permission_required(Permission.LEDGER_VIEW)
def period_close(request: HttpRequest, ledger: str, pk: int) -> HttpResponse:
    """Show what stands in the way of a close, and the steps that are left."""
    return _page(request, get_period_for(acting_user(request), ledger, pk))


@require_POST
@permission_required(Permission.PERIOD_MANAGE)
def period_close_step(request: HttpRequest, ledger: str, pk: int) -> HttpResponse:
    """Start a step as a job and show how far it is."""
    user = acting_user(request)
    period = get_period_for(user, ledger, pk)
    form = ClosingStepForm(request.POST)
    if not form.is_valid():
        error = InvalidInput(field_name=_("Step"), problem=_("this step does not exist"))
        messages.error(request, str(error))
        return _page(request, period, status=error.http_status)
    return redirect(start_closing_step(form.cleaned_data["step"], period, actor=user))


@require_POST
@permission_required(Permission.PERIOD_MANAGE)
def period_reopen_request(request: HttpRequest, ledger: str, pk: int) -> HttpResponse:
    """Ask another person to let a closed period open again."""
    user = acting_user(request)
    period = get_period_for(user, ledger, pk)
    try:
        request_reopening(period, actor=user, reason=request.POST.get("reason", "")[:500])
    except FinanceError as error:
        messages.error(request, str(error))
        return _page(request, period, status=error.http_status)
    messages.success(request, _("Asked for. Another person decides."))
    return redirect("ledgers:period_close", ledger, pk)


@require_POST
@permission_required(Permission.PERIOD_REOPEN_APPROVE, Permission.PERIOD_MANAGE)
def period_reopen_decide(request: HttpRequest, ledger: str, pk: int) -> HttpResponse:
    """Approve, reject or withdraw the request that waits."""
    user = acting_user(request)
    period = get_period_for(user, ledger, pk)
    form = ReopenDecisionForm(request.POST)
    waiting = waiting_request(period)
    try:
        if not form.is_valid() or waiting is None:
            raise InvalidInput(
                field_name=_("Decision"), problem=_("there is no such request any more")
            )
        _decide(waiting, form, request)
    except FinanceError as error:
        messages.error(request, str(error))
        return _page(request, period, status=error.http_status)
    return redirect("ledgers:period_close", ledger, pk)


@require_http_methods(["GET", "POST", "HEAD"])
@permission_required(Permission.PERIOD_MANAGE)
def closing_settings(request: HttpRequest, ledger: str) -> HttpResponse:
    """Choose the accounts and methods of closing entries."""
    user = acting_user(request)
    books = get_ledger_for(user, ledger)
    current = closing_settings_of(books)
    version = current.version if current.pk else None
    form = ClosingSettingsForm(
        request.POST or None,
        instance=current,
        initial={"version": version, **ledger_accounts_of(books)},
    )
    if request.method == "POST" and form.is_valid():
        try:
            save_closing_settings(
                books, version=form.cleaned_data["version"], actor=user, **form.choices()
            )
        except FinanceError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Saved."))
            return redirect("ledgers:closing_settings", ledger)
    context = {"ledger": books, "form": form, "is_saved": version is not None}
    status = 422 if form.errors else 200
    return render(request, "ledgers/closing_settings.html", context, status=status)


def _decide(waiting: ReopenRequest, form: ReopenDecisionForm, request: HttpRequest) -> None:
    user, note = acting_user(request), form.cleaned_data["reason"]
    act = form.cleaned_data["act"]
    if act == "approve":
        period = approve_reopening(waiting, actor=user, note=note)
        messages.success(request, _approved(period))
    elif act == "reject":
        reject_reopening(waiting, actor=user, note=note)
        messages.success(request, _("Rejected; the period stays closed."))
    else:
        withdraw_reopening(waiting, actor=user)
        messages.success(request, _("Withdrawn; the period stays closed."))


def _approved(period: Period) -> str:
    if period.state != PeriodState.OPEN:
        return _("Approved; others decide too.")
    state = period.get_state_display()
    return _("Period %(period)s is %(state)s now.") % {"period": period, "state": state}


def _page(request: HttpRequest, period: Period, *, status: int = 200) -> HttpResponse:
    ledger = period.ledger
    user = acting_user(request)
    page = close_page_of(period, show=request.GET.get("show", ""))
    context = {
        "ledger": ledger,
        "period": period,
        "page": page,
        "steps": steps_of(period),
        "fx_method": FxMethod(fx_method_of(ledger, period.ends_on)).label,
        "profit_transfer": ProfitTransfer(profit_transfer_of(ledger, period.ends_on)).label,
        "is_own_request": page.request is not None and page.request.requested_by_id == user.pk,
        "asked": page.request
        and rounds().standing(PERIOD_REOPEN, page.request.pk, reader=user),
    }
    return render(request, "ledgers/period_close.html", context, status=status)
