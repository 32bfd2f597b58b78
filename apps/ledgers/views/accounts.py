"""Pages of the chart of accounts."""

from __future__ import annotations

import hashlib
from typing import Any

from django.contrib import messages
from django.db.models import Count, Max, Sum
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import condition, require_http_methods, require_safe

from apps.core.errors import FinanceError, StaleVersion
from apps.ledgers.access import dimension_types_for, get_account_for, get_ledger_for
from apps.ledgers.domain.standard_charts import StandardChart, read_standard_chart
from apps.ledgers.forms.account_form import (
    CHART_NAMES,
    AccountFilterForm,
    AccountForm,
    ChartImportForm,
    NewAccountForm,
)
from apps.ledgers.models import Account, DimensionType
from apps.ledgers.services.account_tree import account_trees
from apps.ledgers.services.accounts import (
    change_account,
    create_account,
    import_standard_chart,
)
from apps.organizations.access import acting_user, permission_required
from apps.organizations.permissions import Permission

_REFUSED = 422
_FORM_METHODS = ["GET", "POST", "HEAD"]


@require_safe
@permission_required(Permission.LEDGER_VIEW)
def account_list(request: HttpRequest, ledger: str) -> HttpResponse:
    """Show the chart as a tree with balances."""
    books = get_ledger_for(acting_user(request), ledger)
    form = AccountFilterForm(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    text = wanted.get("q", "").strip()
    trees = account_trees(
        books,
        text=text,
        account_class=wanted.get("account_class", ""),
        with_inactive=wanted.get("inactive", False),
    )
    context = {
        "ledger": books,
        "form": form,
        "trees": trees,
        "count": sum(len(tree.nodes) for tree in trees),
        "is_open": bool(text) or request.GET.get("open") == "all",
    }
    return render(
        request,
        "ledgers/account_list.html",
        context,
        status=200 if form.is_valid() else _REFUSED,
    )


@require_http_methods(_FORM_METHODS)
@permission_required(Permission.ACCOUNT_MANAGE)
def account_create(request: HttpRequest, ledger: str) -> HttpResponse:
    """Add an account."""
    books = get_ledger_for(acting_user(request), ledger)
    parent = Account.objects.filter(
        chart=books.chart, code=request.GET.get("parent", "")
    ).first()
    initial = {"parent": parent, "normal_side": parent.normal_side} if parent else {}
    form = NewAccountForm(request.POST or None, chart=books.chart, initial=initial)
    if form.is_valid():
        try:
            account = create_account(books.chart, actor=acting_user(request), **form.values())
        except FinanceError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, _("Added account %(account)s.") % {"account": account})
            return redirect("ledgers:account_detail", books.code, account.code)
    context = {"ledger": books, "form": form}
    return render(request, "ledgers/account_create.html", context, status=_status(form))


@require_http_methods(_FORM_METHODS)
@permission_required(Permission.ACCOUNT_MANAGE)
def account_edit(request: HttpRequest, ledger: str, code: str) -> HttpResponse:
    """Change an account, unless somebody else changed it first."""
    user = acting_user(request)
    books = get_ledger_for(user, ledger)
    account = get_account_for(user, ledger, code)
    form = AccountForm(request.POST or None, chart=books.chart, instance=account)
    context: dict[str, Any] = {"ledger": books, "account": account, "form": form}
    if form.is_valid():
        version = form.cleaned_data["version"] or 0
        try:
            change_account(account, version=version, actor=user, **form.values())
        except StaleVersion as error:
            context |= {"stale": str(error), "changes": _differences(account, form)}
            form.data = request.POST.copy()
            form.data["version"] = str(account.version)
            return render(
                request, "ledgers/account_edit.html", context, status=error.http_status
            )
        except FinanceError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, _("Saved account %(account)s.") % {"account": account})
            return redirect("ledgers:account_detail", books.code, account.code)
    return render(request, "ledgers/account_edit.html", context, status=_status(form))


@require_http_methods(_FORM_METHODS)
@permission_required(Permission.ACCOUNT_MANAGE)
def chart_import(request: HttpRequest, ledger: str) -> HttpResponse:
    """Show what a standard chart would add, then add it."""
    books = get_ledger_for(acting_user(request), ledger)
    form = ChartImportForm(
        request.POST or request.GET or {"chart": StandardChart.CN_ENTERPRISE}
    )
    context: dict[str, Any] = {"ledger": books, "form": form}
    if form.is_valid():
        standard = StandardChart(form.cleaned_data["chart"])
        if request.method == "POST":
            added = import_standard_chart(books.chart, standard, actor=acting_user(request))
            messages.success(request, _("Added %(count)s accounts.") % {"count": len(added)})
            return redirect("ledgers:account_list", books.code)
        known = set(Account.objects.filter(chart=books.chart).values_list("code", flat=True))
        rows = read_standard_chart(standard)
        context |= {
            "chart": standard.value,
            "chart_name": CHART_NAMES[standard],
            "new_rows": [row for row in rows if row.code not in known],
            "known_count": sum(row.code in known for row in rows),
        }
    return render(request, "ledgers/chart_import.html", context, status=_status(form))


def _options_etag(request: HttpRequest, ledger: str) -> str:
    """Return what changes whenever an option does, without reading the options."""
    user = acting_user(request)
    books = get_ledger_for(user, ledger)
    accounts = Account.objects.filter(chart_id=books.chart_id)
    stamp = accounts.aggregate(Count("pk"), Sum("version"), Max("updated_at"))
    stamp |= dimension_types_for(user).aggregate(types=Count("pk"), named=Sum("version"))
    text = f"{books.pk} {get_language()} {sorted(stamp.items())}"
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


@require_safe
@permission_required(Permission.LEDGER_VIEW)
@condition(etag_func=_options_etag)
def account_options(request: HttpRequest, ledger: str) -> JsonResponse:
    """Give the accounts that people may post to: [code, name, initials, types, currency]."""
    books = get_ledger_for(acting_user(request), ledger)
    types = DimensionType.objects.filter(organization_id=books.organization_id)
    names = {kind.pk: kind.label for kind in types}
    accounts = Account.objects.filter(chart_id=books.chart_id, allows_manual=True)
    fields = ("code", "name", "name_zh", "initials", "required_dimension_ids", "currency_id")
    options = [
        [
            account.code,
            account.label,
            account.initials,
            [names[pk] for pk in account.required_dimension_ids if pk in names],
            account.currency_id or "",
        ]
        for account in accounts.taking_postings().only(*fields)
    ]
    return JsonResponse(options, safe=False, headers={"Cache-Control": "private, no-cache"})


def _status(form: Any) -> int:
    return _REFUSED if form.is_bound and form.errors else 200


def _differences(account: Account, form: AccountForm) -> list[dict[str, str]]:
    """Return the saved and the wanted value of each field that differs; reads the row anew."""
    account.refresh_from_db()
    return [
        {
            "field": str(form.fields[name].label or name),
            "before": form.shown(name, getattr(account, name)),
            "after": form.shown(name, value),
        }
        for name, value in form.values().items()
        if getattr(account, name) != value
    ]
