"""Pages of accounting periods."""

from __future__ import annotations

from django.contrib import messages
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.core.errors import FinanceError, InvalidInput
from apps.ledgers.access import get_ledger_for, get_period_for
from apps.ledgers.forms.period_form import FiscalYearForm, PeriodChangeForm
from apps.ledgers.models import Ledger, Period, PeriodState
from apps.ledgers.services.period_overview import fiscal_years
from apps.ledgers.services.periods import (
    change_period,
    create_fiscal_year,
)
from apps.organizations.access import acting_user, permission_required
from apps.organizations.models import User
from apps.organizations.permissions import Permission


@require_safe
@permission_required(Permission.LEDGER_VIEW)
def period_list(request: HttpRequest, ledger: str) -> HttpResponse:
    """Show the years of a ledger with their periods."""
    return _page(request, get_ledger_for(acting_user(request), ledger))


@require_POST
@permission_required(Permission.PERIOD_MANAGE)
def period_change(request: HttpRequest, ledger: str, pk: int) -> HttpResponse:
    """Open, hold or lock a period; closing and reopening it have a page of their own."""
    user = acting_user(request)
    period = get_period_for(user, ledger, pk)
    form = PeriodChangeForm(request.POST)
    try:
        if not form.is_valid():
            raise InvalidInput(field_name=_("Period"), problem=_("this step does not exist"))
        changed = _change(period, form, user)
    except FinanceError as error:
        messages.error(request, str(error))
        return _page(request, get_ledger_for(user, ledger), status=error.http_status)
    messages.success(
        request,
        _("Period %(period)s is %(state)s now.")
        % {"period": changed, "state": changed.get_state_display()},
    )
    return redirect("ledgers:period_list", ledger)


@require_POST
@permission_required(Permission.PERIOD_MANAGE)
def fiscal_year_create(request: HttpRequest, ledger: str) -> HttpResponse:
    """Add the periods of a year, all of them future."""
    user = acting_user(request)
    books = get_ledger_for(user, ledger)
    form = FiscalYearForm(request.POST)
    try:
        if not form.is_valid():
            raise InvalidInput(
                field_name=_("Fiscal year"), problem=_("write it as four digits")
            )
        year = form.cleaned_data["year"]
        _create_year(books, year, user)
    except FinanceError as error:
        messages.error(request, str(error))
        return _page(request, books, status=error.http_status)
    messages.success(request, _("Added fiscal year %(year)s.") % {"year": year})
    return redirect("ledgers:period_list", ledger)


def _change(period: Period, form: PeriodChangeForm, user: User) -> Period:
    values = form.cleaned_data
    state = PeriodState(values["state"])
    return change_period(period, state, version=values["version"], actor=user)


def _create_year(ledger: Ledger, year: int, user: User) -> None:
    """Let the books decide whether the year is there already, so that two clicks make one."""
    try:
        create_fiscal_year(ledger, year, actor=user)
    except IntegrityError as error:
        raise InvalidInput(
            field_name=_("Fiscal year"), problem=_("the year exists already")
        ) from error


def _page(request: HttpRequest, ledger: Ledger, *, status: int = 200) -> HttpResponse:
    years = fiscal_years(ledger)
    next_year = years[0][0] + 1 if years else None
    context = {"ledger": ledger, "years": years, "next_year": next_year}
    return render(request, "ledgers/period_list.html", context, status=status)
