"""Who sees what of approvals: each function takes the user, 404 for what is not theirs.

Auditors and seniors see all requests of the organization; anybody else those that they made,
are asked about, or stand in for.
"""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Abs
from django.shortcuts import get_object_or_404
from django.utils import timezone

from apps.approvals.domain.people import Case, stand_ins
from apps.approvals.domain.standing_in import Way, ways_into
from apps.approvals.models import (
    ApprovalDecision,
    ApprovalFlow,
    ApprovalRequest,
    ApprovalTask,
    BatchItem,
    DecisionBatch,
    Delegation,
    RequestAttachment,
    SavedFilter,
)
from apps.approvals.words import (
    OWN_STEPS,
    BatchState,
    DecisionKind,
    ItemOutcome,
    RequestState,
    TaskState,
)
from apps.organizations.access import has_permission, people_for, tenant_of
from apps.organizations.models import RoleAssignment
from apps.organizations.permissions import MATRIX, Permission

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from apps.approvals.domain.people import Handover
    from apps.organizations.models import User


def ways_to(user: User) -> tuple[Way, ...]:
    """Return from whom the user may decide today, by delegation."""
    handovers = handovers_of(tenant_of(user))
    return ways_into(user.pk, timezone.localdate(), handovers)


def delegations_to(user: User) -> QuerySet[Delegation]:
    """Return what others delegated to the user for today."""
    return Delegation.objects.filter(taker=user).in_force_on(timezone.localdate())


def tasks_of(user: User, ways: tuple[Way, ...]) -> QuerySet[ApprovalTask]:
    """Return the open tasks that the user may answer: own ones, and those by delegation."""
    own = Q(person=user)
    people = {user.pk, *(way.giver for way in ways)}
    # What the user has pressed waits for ten seconds only, and not in the list.
    pressed = BatchItem.objects.filter(
        batch__person=user,
        batch__state__in=(BatchState.PENDING, BatchState.RUNNING),
        outcome=ItemOutcome.WAITING,
    )
    tasks = ApprovalTask.objects.filter(person__in=people, state=TaskState.OPEN)
    tasks = tasks.exclude(pk__in=pressed.values("task"))
    if not ways:
        return tasks
    # Whoever approved a step for one person does not count in it for another: of a step that
    # asks the user anyhow there is nothing to do for a colleague.
    asked = ApprovalTask.objects.filter(
        person=user,
        state=TaskState.OPEN,
        request=OuterRef("request"),
        step=OuterRef("step"),
    )
    done = ApprovalDecision.objects.filter(
        actor=user,
        kind=DecisionKind.APPROVE,
        request=OuterRef("request"),
        task__step=OuterRef("step"),
    )
    stands_in = reduce(or_, map(_is_on, ways)) & ~Exists(done) & ~Exists(asked)
    return tasks.alias(size=Abs("request__amount") + F("request__amount_beside")).filter(
        own | stands_in
    )


def get_task_for(user: User, request: int, pk: int) -> ApprovalTask:
    """Return a task of a request that the user may read; who may answer it the service says."""
    rows = ApprovalTask.objects.filter(request__in=requests_for(user))
    return get_object_or_404(rows.select_related("request"), pk=pk, request=request)


def tasks_chosen_by(user: User, keys: Iterable[int]) -> list[ApprovalTask]:
    """Return those of the tasks that the user may answer, the longest waiting first."""
    tasks = tasks_of(user, ways_to(user)).filter(pk__in=list(keys))
    return list(tasks.select_related("request").order_by("opened_at", "pk"))


def get_batch_for(user: User, pk: int) -> DecisionBatch:
    """Return what the user decided by one press; nobody else's."""
    return get_object_or_404(DecisionBatch.objects.filter(person=user), pk=pk)


def saved_filters_for(user: User, page: str) -> QuerySet[SavedFilter]:
    """Return the user's own filters of a list, by the URL name of the list."""
    return SavedFilter.objects.filter(user=user, page=page)


def get_saved_filter_for(user: User, pk: int) -> SavedFilter:
    """Return one of the user's own filters."""
    return get_object_or_404(SavedFilter, user=user, pk=pk)


def decisions_of(user: User) -> QuerySet[ApprovalDecision]:
    """Return what the user did with requests of other people."""
    rows = ApprovalDecision.objects.filter(actor=user, request__organization=tenant_of(user))
    return rows.exclude(kind__in=OWN_STEPS).select_related(
        "request__maker", "request__department", "request__flow", "task__person", "task__step"
    )


def delegations_for(user: User) -> QuerySet[Delegation]:
    """Return what the user gave and took; of everybody for who may see people."""
    rows = Delegation.objects.filter(organization=tenant_of(user))
    if not has_permission(user, Permission.PEOPLE_VIEW):
        rows = rows.filter(Q(giver=user) | Q(taker=user))
    return rows.select_related("giver", "taker").order_by("-ends_on", "-pk")


def get_delegation_for(user: User, pk: int) -> Delegation:
    """Return a delegation that the user gave, or any for who manages people."""
    rows = delegations_for(user)
    if not has_permission(user, Permission.PEOPLE_MANAGE):
        rows = rows.filter(giver=user)
    return get_object_or_404(rows, pk=pk)


def deciders_for(user: User) -> QuerySet[User]:
    """Return the colleagues who decide about requests, by name, without the user."""
    roles = MATRIX[Permission.APPROVAL_DECIDE]
    holders = RoleAssignment.objects.of_roles(roles).values("user")
    people = people_for(user).filter(is_active=True, pk__in=holders).exclude(pk=user.pk)
    return people.select_related("department").order_by("last_name", "first_name", "username")


def requests_for(user: User) -> QuerySet[ApprovalRequest]:
    """Return the requests that the user may see."""
    rows = ApprovalRequest.objects.filter(organization=tenant_of(user))
    if has_permission(user, Permission.ALL_APPROVALS_VIEW):
        return rows
    people = {user.pk, *_givers_to(user)}
    asked = ApprovalTask.objects.filter(request=OuterRef("pk"), person__in=people)
    decided = ApprovalDecision.objects.filter(request=OuterRef("pk"), actor=user)
    return rows.filter(Q(maker=user) | Exists(asked) | Exists(decided))


def asked_of(user: User) -> QuerySet[ApprovalRequest]:
    """Return the user's own requests about which a question waits, the longest first."""
    rows = ApprovalRequest.objects.filter(
        organization=tenant_of(user), maker=user, state=RequestState.OPEN
    )
    return rows.filter(asked_at__isnull=False).order_by("asked_at", "pk")


def get_request_for(user: User, pk: int) -> ApprovalRequest:
    """Return a request that the user may see, with what its page shows."""
    rows = requests_for(user).select_related("maker", "department", "flow")
    return get_object_or_404(rows, pk=pk)


def get_request_attachment_for(user: User, pk: int) -> RequestAttachment:
    """Return a file of a request that the user may see."""
    return get_object_or_404(RequestAttachment, pk=pk, request__in=requests_for(user))


def handovers_of(organization_id: int) -> list[Handover]:
    """Return the delegations of an organization that are in force today."""
    rows = Delegation.objects.filter(organization=organization_id)
    return [row.facts() for row in rows.in_force_on(timezone.localdate())]


def is_involved(request: ApprovalRequest, user: User) -> bool:
    """Say whether the user made a request, is or was asked about it, or stands in."""
    if user.organization_id != request.organization_id:
        return False
    asked = {task.person_id for task in request.tasks.all()}
    if user.pk in {request.maker_id, *asked}:
        return True
    if any(decision.actor_id == user.pk for decision in request.decisions.all()):
        return True
    case = Case(request.maker_id, request.counted_amount, timezone.localdate())
    handovers = handovers_of(request.organization_id)
    return any(user.pk in stand_ins(person, case, handovers) for person in asked)


def _givers_to(user: User) -> set[int]:
    """Return for whom the user stands in today, over at most three hops."""
    found, edge = {user.pk}, {user.pk}
    handovers = handovers_of(user.organization_id or 0)
    while edge:
        edge = {one.giver for one in handovers if one.taker in edge} - found
        found |= edge
    return found - {user.pk}


def _is_on(way: Way) -> Q:
    reaches = Q(person=way.giver) & ~Q(request__maker__in=way.people)
    return reaches if way.limit is None else reaches & Q(size__lte=way.limit)


def flows_for(user: User) -> QuerySet[ApprovalFlow]:
    """Return the flows of the user's organization with their steps."""
    flows = ApprovalFlow.objects.filter(organization=tenant_of(user))
    return flows.select_related("ledger", "department", "updated_by").prefetch_related(
        "steps__person", "steps__escalate_to", "steps__dimension"
    )


def get_flow_for(user: User, pk: int) -> ApprovalFlow:
    """Return a flow of the user's organization."""
    return get_object_or_404(flows_for(user), pk=pk)


def makers_for(user: User) -> QuerySet[User]:
    """Return the people of the organization who submit something, by name."""
    holders = RoleAssignment.objects.of_roles(MATRIX[Permission.ENTRY_SUBMIT]).values("user")
    people = people_for(user).filter(is_active=True, pk__in=holders)
    return people.select_related("department").order_by("last_name", "first_name", "username")
