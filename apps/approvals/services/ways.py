"""By which way somebody answers for the person asked: as that person, or by delegations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from apps.approvals.access import handovers_of
from apps.approvals.domain.people import Case, way_to
from apps.approvals.errors import NotYourTask
from apps.approvals.words import TaskState

if TYPE_CHECKING:
    from apps.approvals.models import ApprovalRequest, ApprovalTask
    from apps.organizations.models import User


def way_of(task: ApprovalTask, request: ApprovalRequest, actor: User) -> list[int]:
    """Return the people from the one asked to the actor, who may be the same.

    Raises:
        NotYourTask: the actor neither is asked nor stands in.
    """
    case = Case(request.maker_id, request.counted_amount, timezone.localdate())
    way = way_to(actor.pk, task.person_id, case, handovers_of(request.organization_id))
    if way is None:
        raise NotYourTask
    return list(way)


def open_task_for(request: ApprovalRequest, actor: User) -> tuple[ApprovalTask, list[int]]:
    """Return an open task that the actor may answer, an own one first, and the way to it.

    Raises:
        NotYourTask: there is none.
    """
    tasks = list(request.tasks.filter(state=TaskState.OPEN).order_by("pk"))
    for task in sorted(tasks, key=lambda task: task.person_id != actor.pk):
        try:
            return task, way_of(task, request, actor)
        except NotYourTask:
            continue
    raise NotYourTask
