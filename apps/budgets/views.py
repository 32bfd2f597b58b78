"""Pages of budgets: the list of a ledger, one budget with its entries, and its terms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.budgets.access import budgets_for, get_budget_for, uses_of
from apps.budgets.forms import BudgetChangeForm, BudgetForm
from apps.budgets.services.budgets import change_budget, create_budget
from apps.budgets.services.overview import state_of, states_of
from apps.core.errors import FinanceError
from apps.ledgers.access import get_ledger_for
from apps.organizations.access import acting_user, permission_required
from apps.organizations.permissions import Permission

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from apps.budgets.models import Budget

ROWS_PER_PAGE = 50
REFUSED = 422


@require_safe
@permission_required(Permission.LEDGER_VIEW)
def budget_list(request: HttpRequest, ledger: str) -> HttpResponse:
    """Show the budgets of a ledger that are not over, or all of them."""
    user = acting_user(request)
    book = get_ledger_for(user, ledger)
    rows = budgets_for(user).filter(ledger=book)
    shows_all = request.GET.get("show") == "all"
    current = rows.filter(is_active=True, ends_on__gte=timezone.localdate())
    page = Paginator(rows if shows_all else current, ROWS_PER_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "ledger": book,
        "page_obj": page,
        "rows": states_of(page),
        "shows_all": shows_all,
        "hidden_count": 0 if shows_all else rows.count() - page.paginator.count,
    }
    return render(request, "budgets/budget_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.BUDGET_MANAGE)
def budget_create(request: HttpRequest, ledger: str) -> HttpResponse:
    """Write a budget."""
    user = acting_user(request)
    book = get_ledger_for(user, ledger)
    today = timezone.localdate()
    year = {
        "starts_on": today.replace(month=1, day=1),
        "ends_on": today.replace(month=12, day=31),
    }
    form = BudgetForm(request.POST or None, ledger=book, user=user, initial=year)
    status = 200
    if request.method == "POST":
        status = REFUSED
        if form.is_valid():
            try:
                budget = create_budget(book, form.about(), form.terms(), actor=user)
            except FinanceError as error:
                form.take(error)
                status = error.http_status
            else:
                messages.success(
                    request, _("Budget “%(name)s” is in force.") % {"name": budget}
                )
                return redirect("budgets:budget_detail", book.code, budget.pk)
    context = {"form": form, "ledger": book}
    return render(request, "budgets/budget_create.html", context, status=status)


@require_safe
@permission_required(Permission.LEDGER_VIEW)
def budget_detail(request: HttpRequest, ledger: str, pk: int) -> HttpResponse:
    """Show how a budget stands, and which entries took of it."""
    budget = _budget(request, ledger, pk)
    page = Paginator(uses_of(budget), ROWS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "ledger": budget.ledger,
        "state": state_of(budget),
        "page_obj": page,
        "versions": budget.history.select_related("history_user").order_by("-version"),
    }
    return render(request, "budgets/budget_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.BUDGET_MANAGE)
def budget_edit(request: HttpRequest, ledger: str, pk: int) -> HttpResponse:
    """Change the terms of a budget, at the version that was seen."""
    budget = _budget(request, ledger, pk)
    seen = {
        "name": budget.name,
        "amount": f"{budget.amount.normalize():f}",
        "is_hard": budget.is_hard,
        "is_active": budget.is_active,
        "version": budget.version,
    }
    form = BudgetChangeForm(request.POST or None, initial=seen)
    status = 200
    if request.method == "POST":
        status = REFUSED
        if form.is_valid():
            refusal = _change(request, budget, form)
            if refusal is None:
                return redirect("budgets:budget_detail", ledger, budget.pk)
            status = refusal.http_status
    context = {"form": form, "ledger": budget.ledger, "state": state_of(budget)}
    return render(request, "budgets/budget_edit.html", context, status=status)


def _budget(request: HttpRequest, ledger: str, pk: int) -> Budget:
    user = acting_user(request)
    return get_budget_for(user, get_ledger_for(user, ledger), pk)


def _change(
    request: HttpRequest, budget: Budget, form: BudgetChangeForm
) -> FinanceError | None:
    """Do what a valid form asks for; return the refusal that it shows, if any."""
    typed = form.cleaned_data
    try:
        change_budget(
            budget,
            form.terms(),
            version=typed["version"],
            actor=acting_user(request),
            reason=typed["reason"],
        )
    except FinanceError as error:
        form.take(error)
        return error
    messages.success(request, _("Budget “%(name)s” is saved.") % {"name": budget})
    return None
