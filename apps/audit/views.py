"""The audit trail: search it, read one operation, take it along as CSV."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from django.core.serializers.json import DjangoJSONEncoder
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from apps.audit.access import changes_of, matching, operations_for, page_of, table_labels
from apps.audit.forms import OperationFilterForm
from apps.audit.services import record_event
from apps.core.exports import csv_response
from apps.core.paging import keyset_page
from apps.organizations.access import acting_user, permission_required
from apps.organizations.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

    from apps.audit.models import OperationLogQuerySet
    from apps.core.exports import Cell

ROWS_PER_PAGE = 50
ROWS_OF_ONE_OPERATION = 200
REFUSED = 422


@require_safe
@permission_required(Permission.AUDIT_VIEW, Permission.SECURITY_LOG_VIEW)
def operation_list(request: HttpRequest) -> HttpResponse:
    """Show what happened, newest first, by the filters of the URL."""
    form = OperationFilterForm(request.GET)
    operations = operations_for(acting_user(request))
    if not form.is_valid():
        context = {"form": form, "operations": []}
        return render(request, "audit/operation_list.html", context, status=REFUSED)
    rows = matching(operations, form.cleaned_data)
    page = keyset_page(rows, request.GET, ROWS_PER_PAGE)
    labels = table_labels()
    context = {
        "form": form,
        "operations": [(row, labels.get(row.resource_type, row.resource_type)) for row in page],
        "page": page,
    }
    return render(request, "audit/operation_list.html", context)


@require_safe
@permission_required(Permission.AUDIT_VIEW, Permission.SECURITY_LOG_VIEW)
def operation_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one row of the log: before and after, and what else its operation touched."""
    visible = operations_for(acting_user(request))
    row = get_object_or_404(visible, pk=pk)
    labels = table_labels()
    others = visible.filter(operation_id=row.operation_id).exclude(pk=row.pk).order_by("id")
    context = {
        "operation": row,
        "table": labels.get(row.resource_type, row.resource_type),
        "changes": changes_of(row),
        "page": page_of(row),
        "others": [
            (other, labels.get(other.resource_type, other.resource_type))
            for other in (others[:ROWS_OF_ONE_OPERATION] if row.operation_id else ())
        ],
    }
    return render(request, "audit/operation_detail.html", context)


@require_safe
@permission_required(Permission.AUDIT_VIEW, Permission.SECURITY_LOG_VIEW)
def operation_export(request: HttpRequest) -> HttpResponseBase:
    """Answer with everything that the filters find, as CSV; the export is recorded."""
    form = OperationFilterForm(request.GET)
    user = acting_user(request)
    if not form.is_valid():
        context = {"form": form, "operations": []}
        return render(request, "audit/operation_list.html", context, status=REFUSED)
    rows = matching(operations_for(user), form.cleaned_data).order_by("id")
    asked = {name: str(value) for name, value in form.cleaned_data.items() if value}
    record_event("audit.export", actor=user, resource=("session", user.username), after=asked)
    return csv_response("audit-trail.csv", _headings(), _cells(rows))


def _headings() -> list[str]:
    return [
        _("When"), _("Who"), _("Operation"), _("Action"), _("Table"), _("Row"), _("Before"),
        _("After"), _("Reason"), _("Trace"), _("Database user"), _("Operation id"),
    ]  # fmt: skip


def _cells(rows: OperationLogQuerySet) -> Iterator[list[Cell]]:
    for row in rows.iterator():
        yield [
            row.at,
            row.actor_name,
            row.kind,
            row.action,
            row.resource_type,
            row.resource_id,
            _json(row.before),
            _json(row.after),
            row.reason,
            row.trace_id,
            row.database_user,
            str(row.operation_id or ""),
        ]


def _json(value: object) -> str:
    if value is None:
        return ""
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)
