"""What the page of one request shows: its subject, risks, changes, route and what to answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from apps.approvals.access import is_involved
from apps.approvals.services.ages import age_of
from apps.approvals.services.conversation import conversation_of, files_of
from apps.approvals.services.inbox import tasks_by_request
from apps.approvals.services.panes import headlines_of, pane_of
from apps.approvals.services.risks import risk_notes
from apps.approvals.services.route import route_of, step_in_turn, with_rounds
from apps.approvals.services.seen import changes_since_seen
from apps.approvals.words import RequestState
from apps.organizations.access import has_permission
from apps.organizations.permissions import Permission

if TYPE_CHECKING:
    from apps.approvals.models import ApprovalRequest
    from apps.organizations.models import User


def detail_of(request: ApprovalRequest, viewer: User) -> dict[str, Any]:
    """Return what the template `approvals/_detail.html` draws."""
    may_answer = request.state == RequestState.OPEN and has_permission(
        viewer, Permission.APPROVAL_DECIDE
    )
    tasks = tasks_by_request(viewer, request) if may_answer else []
    route = route_of(with_rounds(request))
    place, places = step_in_turn(route)
    template, subject = pane_of(request, viewer)
    return {
        "item": request,
        "headline": headlines_of([request])[request.pk],
        "task": tasks[0] if tasks else None,
        "tasks": tasks,
        "age": age_of(tasks[0]) if tasks else None,
        "route": route,
        "place": place,
        "places": places,
        "subject_template": template,
        "subject": subject,
        "risks": risk_notes([request], viewer).get(request.pk, []),
        "words": conversation_of(request),
        "files": files_of(request),
        "must_answer": request.asked_at is not None and request.maker_id == viewer.pk,
        "may_speak": is_involved(request, viewer),
        "changes": changes_since_seen(request, viewer),
    }
