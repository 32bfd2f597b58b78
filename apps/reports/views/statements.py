"""Pages of the income statement and the balance sheet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from apps.core.exports import Cell, ColumnKind, csv_response, xlsx_response
from apps.ledgers.access import get_ledger_for
from apps.ledgers.models import Ledger
from apps.organizations.access import acting_user, permission_required
from apps.organizations.permissions import Permission
from apps.reports.domain.balance_sheet import BalanceSheet
from apps.reports.forms import BalanceSheetForm, IncomeStatementForm
from apps.reports.services.balance_sheet import balance_sheet_of
from apps.reports.services.income_statement import IncomeStatement, income_statement_of
from apps.reports.services.sheet_words import RESULT_LABEL, SECTION_LABELS

_REFUSED = 422


@require_safe
@permission_required(Permission.REPORT_VIEW)
def income_statement(request: HttpRequest, ledger: str) -> HttpResponseBase:
    """Show what was earned in a range of periods and in its year."""
    books = get_ledger_for(acting_user(request), ledger)
    form = _income_form(request, books)
    context = {"ledger": books, "form": form}
    if not form.is_valid():
        status = _REFUSED if form.periods else 200
        return render(request, "reports/income_statement.html", context, status=status)
    context |= {
        "scope": form.scope(),
        "report": _income(form),
        "detail_query": form.scope_query(),
        "with_accounts": form.cleaned_data["with_accounts"],
    }
    return render(request, "reports/income_statement.html", context)


@require_safe
@permission_required(Permission.REPORT_VIEW)
def income_statement_export(request: HttpRequest, ledger: str) -> HttpResponseBase:
    """Save the income statement that the same filters show, as CSV or XLSX."""
    books = get_ledger_for(acting_user(request), ledger)
    form = _income_form(request, books)
    if not form.is_valid():
        context = {"ledger": books, "form": form}
        return render(request, "reports/income_statement.html", context, status=_REFUSED)
    report, scope = _income(form), form.scope()
    header = [_("Code"), _("Item"), str(scope.first) if scope.first == scope.last
              else f"{scope.first} – {scope.last}", report.compared_label, _("Change"),
              _("Year to date"), _("Year to date, year before")]  # fmt: skip
    name = f"income-statement-{books.code}-{scope.first}-{scope.last}"
    return _download(request, name, header, list(_income_rows(report)), amounts=5)


@require_safe
@permission_required(Permission.REPORT_VIEW)
def balance_sheet(request: HttpRequest, ledger: str) -> HttpResponseBase:
    """Show what a ledger owns and owes at the end of a period."""
    books = get_ledger_for(acting_user(request), ledger)
    form = _sheet_form(request, books)
    context = {"ledger": books, "form": form}
    if not form.is_valid():
        status = _REFUSED if form.periods else 200
        return render(request, "reports/balance_sheet.html", context, status=status)
    report = _sheet(form)
    context |= {
        "scope": form.scope(),
        "report": report,
        "sections": [(SECTION_LABELS[section.name], section) for section in report.sections],
        "result_label": RESULT_LABEL,
        "detail_query": form.scope_query(),
    }
    return render(request, "reports/balance_sheet.html", context)


@require_safe
@permission_required(Permission.REPORT_VIEW)
def balance_sheet_export(request: HttpRequest, ledger: str) -> HttpResponseBase:
    """Save the balance sheet that the same filters show, as CSV or XLSX."""
    books = get_ledger_for(acting_user(request), ledger)
    form = _sheet_form(request, books)
    if not form.is_valid():
        context = {"ledger": books, "form": form}
        return render(request, "reports/balance_sheet.html", context, status=_REFUSED)
    scope = form.scope()
    header = [_("Code"), _("Item"), _("Closing"), _("Beginning of the year")]
    name = f"balance-sheet-{books.code}-{scope.last}"
    return _download(request, name, header, list(_sheet_rows(_sheet(form))), amounts=2)


def _income_form(request: HttpRequest, ledger: Ledger) -> IncomeStatementForm:
    periods = list(ledger.periods.all())
    return IncomeStatementForm(request.GET.dict(), ledger=ledger, periods=periods)


def _income(form: IncomeStatementForm) -> IncomeStatement:
    periods = list(form.periods.values())
    return income_statement_of(form.scope(), periods, by_year=form.by_year())


def _sheet_form(request: HttpRequest, ledger: Ledger) -> BalanceSheetForm:
    periods = list(ledger.periods.all())
    return BalanceSheetForm(request.GET.dict(), ledger=ledger, periods=periods)


def _sheet(form: BalanceSheetForm) -> BalanceSheet:
    return balance_sheet_of(form.scope(), list(form.periods.values()), depth=form.depth())


def _income_rows(report: IncomeStatement) -> Iterator[list[Cell]]:
    for label, row in report.rows:
        yield ["", str(label), *_with_change(row.amounts)]
        for one in row.accounts:
            yield [one.account.code, one.account.label, *_with_change(one.amounts)]


def _with_change(amounts: object) -> list[Cell]:
    return [
        getattr(amounts, name)
        for name in ("current", "compared", "change", "year", "compared_year")
    ]


def _sheet_rows(report: BalanceSheet) -> Iterator[list[Cell]]:
    for section in report.sections:
        for row in section.rows:
            code = row.account.code if row.account else ""
            label = row.account.label if row.account else str(RESULT_LABEL)
            yield [code, label, row.standing.closing, row.standing.opening]
        label = str(SECTION_LABELS[section.name])
        yield ["", label, section.total.closing, section.total.opening]


def _download(
    request: HttpRequest,
    name: str,
    header: Sequence[str],
    rows: list[list[Cell]],
    *,
    amounts: int,
) -> HttpResponseBase:
    if request.GET.get("format") == "xlsx":
        kinds = [ColumnKind.TEXT] * 2 + [ColumnKind.AMOUNT] * amounts
        return xlsx_response(f"{name}.xlsx", header, rows, kinds)
    return csv_response(f"{name}.csv", header, rows)
