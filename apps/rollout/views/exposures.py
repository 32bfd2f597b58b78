"""What a rollout decided for real, to take along."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from django.http import Http404, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from apps.audit.services import record_event
from apps.core.exports import csv_response
from apps.organizations.access import acting_user, permission_required
from apps.organizations.permissions import Permission
from apps.rollout.access import exposures_for, get_flag_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from apps.core.exports import Cell
    from apps.rollout.models import Flag, FlagExposure

FORMATS = ("csv", "json")
_JSON = "application/json; charset=utf-8"


@require_safe
@permission_required(Permission.ROLLOUT_VIEW)
def exposure_export(request: HttpRequest, name: str) -> HttpResponseBase:
    """Answer with every exposure as CSV or JSON; the export is recorded."""
    user = acting_user(request)
    flag = get_flag_for(user, name)
    kind = request.GET.get("format", "csv")
    if kind not in FORMATS:
        raise Http404
    rows = exposures_for(user, flag)
    record_event(
        "rollout.export", actor=user, resource=("rollout_flag", flag.pk), after={"format": kind}
    )
    filename = f"{flag.name}-exposures.{kind}"
    if kind == "csv":
        return csv_response(filename, _headings(), _cells(rows))
    return _json_response(filename, flag, rows)


def _headings() -> list[str]:
    return [
        _("When"), _("Rollout"), _("Version"), _("Share in per cent"), _("Department"),
        _("Bucket"), _("Flow"), _("Why"), _("Subject"), _("Key"), _("Who"),
    ]  # fmt: skip


def _cells(rows: QuerySet[FlagExposure]) -> Iterator[list[Cell]]:
    for row in rows.iterator():
        yield [
            row.at,
            row.flag.name,
            row.flag_version,
            row.percent,
            row.department.code if row.department else "",
            row.bucket,
            "v2" if row.is_on else "v1",
            row.reason,
            row.subject_kind,
            row.subject_id,
            row.actor.get_username(),
        ]


def _json_response(
    filename: str, flag: Flag, rows: QuerySet[FlagExposure]
) -> StreamingHttpResponse:
    """Stream one document: the flag, then its exposures one by one."""

    def chunks() -> Iterator[str]:
        yield f'{{"flag": {json.dumps(flag.name)}, "exposures": [\n'
        for number, row in enumerate(rows.iterator()):
            yield (",\n" if number else "") + json.dumps(_record(row), ensure_ascii=False)
        yield "\n]}\n"

    headers = {"Content-Disposition": f'attachment; filename="{filename}"'}
    return StreamingHttpResponse(chunks(), content_type=_JSON, headers=headers)


def _record(row: FlagExposure) -> dict[str, object]:
    """Return an exposure under names that do not depend on the reader's language."""
    return {
        "at": row.at.isoformat(),
        "flag_version": row.flag_version,
        "percent": str(row.percent),
        "department": row.department.code if row.department else None,
        "bucket": row.bucket,
        "value": row.is_on,
        "variation": "v2" if row.is_on else "v1",
        "reason": row.reason,
        "subject_kind": row.subject_kind,
        "subject_id": row.subject_id,
        "actor": row.actor.get_username(),
    }
