"""Pages of reports."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from apps.core.exports import Cell, ColumnKind, csv_response, xlsx_response
from apps.ledgers.access import get_ledger_for
from apps.ledgers.models import AccountClass, Ledger
from apps.organizations.access import acting_user, permission_required
from apps.organizations.permissions import Permission
from apps.reports.domain.trial_balance import Figures, TrialBalance
from apps.reports.forms import TrialBalanceForm
from apps.reports.services.facts import facts_of
from apps.reports.services.proof import proved_trial_balance
from apps.reports.services.trial_balance import trial_balance_of

_REFUSED = 422


@require_safe
@permission_required(Permission.REPORT_VIEW)
def trial_balance(request: HttpRequest, ledger: str) -> HttpResponseBase:
    """Show the trial balance with its proof."""
    books = get_ledger_for(acting_user(request), ledger)
    form = _form(request, books)
    context = {"ledger": books, "form": form}
    if not form.is_valid():
        return render(request, "reports/trial_balance.html", context, status=_status(form))
    scope, shown = form.scope(), form.row_filter()
    by_lines = request.GET.get("prove") == "lines"
    report, proof = proved_trial_balance(scope, shown, from_lines=by_lines)
    facts = facts_of(scope)
    context |= {
        "scope": scope,
        "report": report,
        "groups": [(AccountClass(group.account_class).label, group) for group in report.groups],
        "proof": proof,
        "facts": facts,
        "income": facts.income_chart(),
        "detail_query": form.scope_query(),
        "is_narrowed": bool(shown.text or shown.account_class),
    }
    return render(request, "reports/trial_balance.html", context)


@require_safe
@permission_required(Permission.REPORT_VIEW)
def trial_balance_export(request: HttpRequest, ledger: str) -> HttpResponseBase:
    """Save the trial balance that the same filters show, as CSV or XLSX."""
    books = get_ledger_for(acting_user(request), ledger)
    form = _form(request, books)
    if not form.is_valid():
        context = {"ledger": books, "form": form}
        return render(request, "reports/trial_balance.html", context, status=_REFUSED)
    scope = form.scope()
    rows = list(_export_rows(trial_balance_of(scope, form.row_filter())))
    name = f"trial-balance-{books.code}-{scope.first}-{scope.last}"
    if request.GET.get("format") == "xlsx":
        kinds = [ColumnKind.TEXT] * 3 + [ColumnKind.AMOUNT] * 6
        return xlsx_response(f"{name}.xlsx", _header(), rows, kinds)
    return csv_response(f"{name}.csv", _header(), rows)


def _form(request: HttpRequest, ledger: Ledger) -> TrialBalanceForm:
    data = request.GET.dict()
    return TrialBalanceForm(data, ledger=ledger, periods=list(ledger.periods.all()))


def _status(form: TrialBalanceForm) -> int:
    """Refuse filters that are wrong; a ledger without periods is only empty."""
    return _REFUSED if form.periods else 200


def _header() -> list[str]:
    return [
        _("Code"),
        _("Account"),
        _("Class"),
        _("Opening debit"),
        _("Opening credit"),
        _("Movement debit"),
        _("Movement credit"),
        _("Closing debit"),
        _("Closing credit"),
    ]


def _export_rows(report: TrialBalance) -> Iterator[list[Cell]]:
    for group in report.groups:
        label = str(AccountClass(group.account_class).label)
        for row in group.rows:
            yield _row(row.account.code, row.account.label, label, row.figures)
        yield _row("", _("Subtotal"), label, group.subtotal)
    yield _row("", _("Total"), "", report.total)


def _row(code: str, name: str, account_class: str, figures: Figures) -> list[Cell]:
    return [code, name, account_class, *figures.columns()]
