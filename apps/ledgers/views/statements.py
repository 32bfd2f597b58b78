"""Account detail 明细账: the lines of an account with a running balance, drillable."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import overload

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from apps.core.exports import Cell, ColumnKind, csv_response, xlsx_response
from apps.ledgers.access import get_account_of, get_ledger_for
from apps.ledgers.forms.statement_form import StatementForm
from apps.ledgers.models import DimensionType, Ledger
from apps.ledgers.services.account_statement import (
    AccountStatement,
    AccountSums,
    StatementLine,
)
from apps.organizations.access import acting_user, permission_required
from apps.organizations.permissions import Permission

PAGE_SIZE = 50
_REFUSED = 422


class _Lines(Sequence[StatementLine]):
    """The lines of a statement, read page by page."""

    def __init__(self, statement: AccountStatement, opening: Decimal) -> None:
        """Count the lines now, read them when they are asked for."""
        self.statement = statement
        self.opening = opening
        self.size = statement.count()

    def __len__(self) -> int:
        """Return how many there are."""
        return self.size

    @overload
    def __getitem__(self, wanted: int) -> StatementLine: ...
    @overload
    def __getitem__(self, wanted: slice) -> Sequence[StatementLine]: ...
    def __getitem__(self, wanted: int | slice) -> StatementLine | Sequence[StatementLine]:
        """Return a page of lines."""
        if isinstance(wanted, int):
            return self.statement.lines(self.opening, offset=wanted, limit=1)[0]
        start, stop, _step = wanted.indices(self.size)
        return self.statement.lines(self.opening, offset=start, limit=stop - start)


@require_safe
@permission_required(Permission.LEDGER_VIEW)
def account_detail(request: HttpRequest, ledger: str, code: str) -> HttpResponse:
    """Show an account: facts, opening, lines, closing."""
    books = get_ledger_for(acting_user(request), ledger)
    account = get_account_of(books, code)
    form = _form(request, books)
    context = {"ledger": books, "account": account, "form": form}
    if not form.is_valid():
        status = _REFUSED if form.periods else 200
        return render(request, "ledgers/account_detail.html", context, status=status)
    scope = form.scope()
    statement = AccountStatement(account, scope)
    sums = statement.sums()
    pages = Paginator(_Lines(statement, sums.opening), PAGE_SIZE)
    types = DimensionType.objects.filter(pk__in=account.required_dimension_ids)
    context |= {
        "scope": scope,
        "sums": sums,
        "page": pages.get_page(request.GET.get("page")),
        "opening_entries": statement.opening_entries(),
        "children": [] if account.is_leaf else account.children.all(),
        "required": types if account.required_dimension_ids else [],
        "detail_query": form.scope_query(),
    }
    return render(request, "ledgers/account_detail.html", context)


@require_safe
@permission_required(Permission.LEDGER_VIEW)
def account_detail_export(request: HttpRequest, ledger: str, code: str) -> HttpResponseBase:
    """Save all lines that the same filters show, as CSV or XLSX."""
    books = get_ledger_for(acting_user(request), ledger)
    account = get_account_of(books, code)
    form = _form(request, books)
    if not form.is_valid():
        context = {"ledger": books, "account": account, "form": form}
        return render(request, "ledgers/account_detail.html", context, status=_REFUSED)
    statement = AccountStatement(account, form.scope())
    sums = statement.sums()
    rows = _export_rows(statement, sums)
    name = f"account-{books.code}-{account.code}-{form.scope().first}-{form.scope().last}"
    if request.GET.get("format") == "xlsx":
        return xlsx_response(f"{name}.xlsx", _header(), rows, _KINDS)
    return csv_response(f"{name}.csv", _header(), rows)


_KINDS = (
    ColumnKind.DATE, *[ColumnKind.TEXT] * 6, *[ColumnKind.AMOUNT] * 4,
)  # fmt: skip


def _form(request: HttpRequest, ledger: Ledger) -> StatementForm:
    return StatementForm(request.GET.dict(), ledger=ledger, periods=list(ledger.periods.all()))


def _header() -> list[str]:
    return [
        _("Date"),
        _("Entry"),
        _("Ledger"),
        _("Summary"),
        _("Account"),
        _("Dimensions"),
        _("Currency"),
        _("Amount"),
        _("Debit"),
        _("Credit"),
        _("Balance"),
    ]


def _export_rows(statement: AccountStatement, sums: AccountSums) -> Iterator[list[Cell]]:
    blank: list[Cell] = [None] * 6
    code = statement.account.code
    yield [None, None, None, _("Opening"), code, *blank[:5], sums.opening]
    for line in statement.all_lines(sums.opening):
        yield [
            line.entry_date,
            line.label,
            line.ledger_code,
            line.summary,
            line.account_code,
            line.dimensions,
            line.currency,
            line.amount,
            line.debit,
            line.credit,
            line.balance,
        ]
    closing: list[Cell] = [sums.debit, sums.credit, sums.closing]
    yield [None, None, None, _("Closing"), code, *blank[:3], *closing]
