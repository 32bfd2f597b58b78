"""The own history: what the reader decided, and the same as CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from apps.approvals.access import decisions_of, saved_filters_for
from apps.approvals.forms.history import HistoryFilters
from apps.approvals.services.history import decisions_found, in_words
from apps.audit.services import record_event
from apps.core.exports import csv_response
from apps.core.paging import KeysetPage, keyset_page
from apps.organizations.access import acting_user, permission_required
from apps.organizations.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

    from apps.approvals.services.history import Decided
    from apps.core.exports import Cell

ROWS_PER_PAGE = 50
REFUSED = 422


@require_safe
@permission_required(Permission.APPROVAL_DECIDE)
def decision_list(request: HttpRequest) -> HttpResponse:
    """Show what the reader decided, newest first, by the filters of the URL."""
    user = acting_user(request)
    form = HistoryFilters(request.GET)
    page = KeysetPage([])
    if form.is_valid():
        found = decisions_found(decisions_of(user), form.cleaned_data)
        page = keyset_page(found, request.GET, ROWS_PER_PAGE)
    return _page(request, form, page, status=200 if form.is_valid() else REFUSED)


@require_safe
@permission_required(Permission.APPROVAL_DECIDE)
def decision_export(request: HttpRequest) -> HttpResponseBase:
    """Answer with everything that the filters find, oldest first; the export is recorded."""
    user = acting_user(request)
    form = HistoryFilters(request.GET)
    if not form.is_valid():
        return _page(request, form, KeysetPage([]), status=REFUSED)
    found = decisions_found(decisions_of(user), form.cleaned_data).order_by("pk")
    asked = {name: str(value) for name, value in form.cleaned_data.items() if value}
    record_event("approval.export", actor=user, resource=("user", user.pk), after=asked)
    name = f"decisions-{user.username}-{timezone.localdate():%Y%m%d}.csv"
    return csv_response(name, _headings(), _cells(in_words(found.iterator(chunk_size=500))))


def _page(
    request: HttpRequest, form: HistoryFilters, page: KeysetPage, *, status: int
) -> HttpResponse:
    context = {
        "form": form,
        "page": page,
        "rows": list(in_words(page)),
        "saved_filters": saved_filters_for(acting_user(request), "decision_list"),
    }
    return render(request, "approvals/decision_list.html", context, status=status)


def _headings() -> list[str]:
    return [
        _("When"), _("Decision"), _("Subject"), _("Number"), _("Summary"), _("Amount"),
        _("Currency"), _("Made by"), _("Step"), _("Delegated by"), _("Reason"), _("Outcome"),
        _("Flow"),
    ]  # fmt: skip


def _cells(rows: Iterator[Decided]) -> Iterator[list[Cell]]:
    for row in rows:
        decision, asked_for = row.decision, row.request
        yield [
            timezone.localtime(decision.at),
            decision.get_kind_display(),
            asked_for.get_subject_kind_display(),
            row.number,
            row.title,
            asked_for.amount,
            asked_for.currency_id,
            asked_for.maker.display_name(),
            decision.task.step.name if decision.task else "",
            row.asked.display_name() if row.asked else "",
            decision.reason,
            asked_for.get_state_display(),
            asked_for.flow.word,
        ]
