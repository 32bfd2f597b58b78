"""Reading the journal: the list, its export, one entry and its printed voucher."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from apps.audit.services import record_event
from apps.core.exports import csv_response, xlsx_response
from apps.core.paging import CountedPaginator, UncountedPage, page_number
from apps.core.rounds import OpenRound, rounds
from apps.ledgers.access import (
    entries_for,
    get_journal_entry_for,
    get_ledger_for,
    saved_views_for,
)
from apps.ledgers.domain.chinese_amount import chinese_amount
from apps.ledgers.domain.entry_actions import Situation, possible_actions
from apps.ledgers.forms.journal_filters import JournalFilters
from apps.ledgers.models import EntryState, JournalEntry
from apps.ledgers.services.entry_lines import lines_with_rates
from apps.ledgers.services.entry_route import route_of
from apps.ledgers.services.history import history_of
from apps.ledgers.services.import_rounds import JOURNAL_IMPORT, waits_with_import
from apps.ledgers.services.journal_export import COLUMN_KINDS, export_header, export_rows
from apps.ledgers.services.journal_search import JournalTotals
from apps.ledgers.services.subject_kinds import subject_kind_of
from apps.organizations.access import acting_user, has_permission, permission_required
from apps.organizations.models import User
from apps.organizations.permissions import Permission

if TYPE_CHECKING:
    from django.core.paginator import Page
    from django.db.models import QuerySet

PAGE_SIZE = 50
LINES_ON_A_SHEET = 8


@require_safe
@permission_required(Permission.LEDGER_VIEW)
def journal_entry_list(request: HttpRequest, ledger: str) -> HttpResponse:
    """List entries by the filters in the URL, with the sums of the whole result.

    Sums that take long are fetched after the page, or with it by `totals=now`.
    """
    user = acting_user(request)
    books = get_ledger_for(user, ledger)
    filters = JournalFilters(request.GET, ledger=books, user=user)
    is_asked = request.GET.get("totals") == "now"
    totals = filters.totals() if is_asked or filters.is_quick() else None
    page = _page(request, filters, totals)
    context = {
        "ledger": books,
        "filters": filters,
        "totals": totals or _totals_of_all_shown(page),
        "page": page,
        "saved_views": saved_views_for(user, books, "journal_entry_list"),
        "can_decide": has_permission(user, Permission.ENTRY_APPROVE),
        "can_post": has_permission(user, Permission.ENTRY_POST),
    }
    status = 200 if filters.is_valid() else 400
    return render(request, "ledgers/journal_entry_list.html", context, status=status)


@require_safe
@permission_required(Permission.LEDGER_VIEW)
def journal_entry_totals(request: HttpRequest, ledger: str) -> HttpResponse:
    """Send the sums of the whole result to a page that did not wait for them."""
    user = acting_user(request)
    books = get_ledger_for(user, ledger)
    if not request.headers.get("HX-Request"):
        query = request.GET.copy()
        query["totals"] = "now"
        address = reverse("ledgers:journal_entry_list", args=(books.code,))
        return redirect(f"{address}?{query.urlencode()}")
    filters = JournalFilters(request.GET, ledger=books, user=user)
    context = {
        "ledger": books,
        "totals": filters.totals(),
        "can_decide": has_permission(user, Permission.ENTRY_APPROVE),
        "can_post": has_permission(user, Permission.ENTRY_POST),
    }
    status = 200 if filters.is_valid() else 400
    return render(request, "ledgers/_journal_totals.html", context, status=status)


@require_safe
@permission_required(Permission.LEDGER_VIEW)
def journal_entry_export(request: HttpRequest, ledger: str) -> HttpResponseBase:
    """Send the lines of the whole result as CSV or, with `format=xlsx`, as a workbook."""
    user = acting_user(request)
    books = get_ledger_for(user, ledger)
    filters = JournalFilters(request.GET, ledger=books, user=user)
    is_chinese = (get_language() or "").startswith("zh")
    rows = export_rows(books, filters.entries(), actor=user, use_chinese=is_chinese)
    name = f"journal-{books.code}-{timezone.localdate():%Y%m%d}"
    record_event(
        "journal.export",
        actor=user,
        resource=("ledgers_ledger", books.pk),
        after={"query": request.GET.urlencode()},
    )
    if request.GET.get("format") == "xlsx":
        return xlsx_response(f"{name}.xlsx", export_header(), rows, COLUMN_KINDS)
    return csv_response(f"{name}.csv", export_header(), rows)


@require_safe
@permission_required(Permission.LEDGER_VIEW)
def journal_entry_detail(request: HttpRequest, ledger: str, pk: int) -> HttpResponse:
    """Show an entry: its lines, its way, its files, or with `tab=history` every change."""
    user = acting_user(request)
    entry = get_journal_entry_for(user, ledger, pk)
    reversals = _reversals(entry)
    asked, is_asked = _open_round(entry, user)
    context = {
        "entry": entry,
        "ledger": entry.ledger,
        "currency": entry.ledger.base_currency_id,
        "original": _original(entry),
        "reversals": reversals,
        "asked": asked,
        "actions": _actions(user, entry, is_reversed=bool(reversals), is_asked=is_asked),
        "tab": "history" if request.GET.get("tab") == "history" else "lines",
    }
    if context["tab"] == "history":
        context["history"] = history_of(entry)[::-1]
    else:
        context |= {
            "lines": lines_with_rates(entry),
            "attachments": _attachments(entry),
            "route": route_of(entry, asked.waits_for if asked else ()),
        }
    return render(request, "ledgers/journal_entry_detail.html", context)


@require_safe
@permission_required(Permission.LEDGER_VIEW)
def journal_entry_print(request: HttpRequest, ledger: str, pk: int) -> HttpResponse:
    """Show the voucher 凭证 of an entry as it is printed, eight lines on a sheet."""
    entry = get_journal_entry_for(acting_user(request), ledger, pk)
    lines = lines_with_rates(entry)
    starts = range(0, max(len(lines), 1), LINES_ON_A_SHEET)
    sheets = [lines[start : start + LINES_ON_A_SHEET] for start in starts]
    context = {
        "entry": entry,
        "ledger": entry.ledger,
        "currency": entry.ledger.base_currency_id,
        "sheets": [
            {"lines": sheet, "blanks": range(LINES_ON_A_SHEET - len(sheet))} for sheet in sheets
        ],
        "debit": sum(line.debit for line in lines),
        "credit": sum(line.credit for line in lines),
        "in_words": chinese_amount(entry.total),
        "original": _original(entry),
        "attachment_count": entry.attachments.count(),
    }
    return render(request, "ledgers/journal_entry_print.html", context)


def _page(
    request: HttpRequest, filters: JournalFilters, totals: JournalTotals | None
) -> Page[Any] | UncountedPage:
    """Return a page of entries: its keys come from an index alone, then the rows."""
    if not filters.is_valid():
        return CountedPaginator([], PAGE_SIZE, count=0).get_page(1)
    ordering = filters.ordering()
    keys = filters.entries().select_related(None).order_by(*ordering).values("pk")
    entries = entries_for(filters.ledger).order_by(*ordering)
    if totals is not None:
        counted = CountedPaginator(keys, PAGE_SIZE, count=totals.count)
        page = counted.get_page(request.GET.get("page"))
        page.object_list = list(entries.filter(pk__in=page.object_list))
        return page
    number = page_number(request.GET.get("page"))
    found = _uncounted_page(entries, keys, number)
    return found if found.object_list or number == 1 else _uncounted_page(entries, keys, 1)


def _uncounted_page(
    entries: QuerySet[JournalEntry], keys: QuerySet[Any, Any], number: int
) -> UncountedPage:
    start = (number - 1) * PAGE_SIZE
    rows = list(entries.filter(pk__in=keys[start : start + PAGE_SIZE + 1]))
    return UncountedPage(rows[:PAGE_SIZE], number, PAGE_SIZE, len(rows) > PAGE_SIZE)


def _totals_of_all_shown(page: Page[Any] | UncountedPage) -> JournalTotals | None:
    """Return the sums where a first page holds the whole result."""
    if not isinstance(page, UncountedPage) or page.number > 1 or page.has_more:
        return None
    return JournalTotals(len(page.object_list), sum((e.total for e in page), Decimal(0)))


def _original(entry: JournalEntry) -> JournalEntry | None:
    """Return the entry that this one undoes."""
    if entry.reversal_of_id is None:
        return None
    return entries_for(entry.ledger).get(pk=entry.reversal_of_id)


def _reversals(entry: JournalEntry) -> list[JournalEntry]:
    """Return the reversals that count; only a posted original can have any."""
    if entry.state != EntryState.POSTED or entry.reversal_of_id:
        return []
    rows = entry.reversals.exclude(state=EntryState.CANCELLED)
    return list(rows.select_related("ledger", "period"))


def _open_round(entry: JournalEntry, user: User) -> tuple[OpenRound | None, bool]:
    """Return who is asked now, and whether the reader decides on the entry by itself."""
    if entry.state != EntryState.SUBMITTED:
        return None, True
    if waits_with_import(entry):
        key = entry.journal_import_id or 0
        return rounds().standing(JOURNAL_IMPORT, key, reader=user), False
    asked = rounds().standing(subject_kind_of(entry), entry.pk, reader=user)
    return asked, asked is None or asked.may_answer


def _actions(
    user: User, entry: JournalEntry, *, is_reversed: bool, is_asked: bool
) -> frozenset[str]:
    return possible_actions(
        Situation(
            state=entry.state,
            may=frozenset(p.value for p in Permission if has_permission(user, p)),
            is_maker=entry.maker_id == user.pk,
            is_checker=entry.checker_id == user.pk,
            can_be_reversed=not is_reversed and entry.reversal_of_id is None,
            is_asked=is_asked,
        )
    )


def _attachments(entry: JournalEntry) -> list[dict[str, object]]:
    return [
        {
            "name": file.filename,
            "url": reverse("ledgers:attachment_download", args=(entry.ledger.code, file.pk)),
            "size": file.size,
            "by": file.uploaded_by.display_name(),
            "at": file.uploaded_at,
            "sha256": file.sha256,
        }
        for file in entry.attachments.select_related("uploaded_by")
    ]
