"""Whom a step asks: resolved at submission, and kept with the request from then on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.approvals.domain.people import people_asked
from apps.approvals.domain.steps import can_complete, people_needed, steps_for
from apps.approvals.errors import NobodyToAsk, NoFlow
from apps.approvals.services.subjects import is_within, subject_service
from apps.approvals.words import Resolver
from apps.organizations.models import RoleAssignment, User
from apps.organizations.permissions import Role

if TYPE_CHECKING:
    from apps.approvals.models import ApprovalFlow, FlowStep
    from apps.approvals.services.subjects import SubjectFacts


def whom_to_ask(flow: ApprovalFlow, facts: SubjectFacts) -> dict[FlowStep, tuple[int, ...]]:
    """Return the steps that the subject meets, each with the people it asks.

    Those are asked who may approve the amount, never the maker.

    Raises:
        NoFlow: the amount meets no step, so that nobody would be asked.
        NobodyToAsk: a step has fewer people than it needs.
    """
    steps = {step.pk: step for step in flow.steps.all()}
    met = steps_for((step.facts() for step in steps.values()), facts.amount)
    if not met:
        raise NoFlow
    asked: dict[FlowStep, tuple[int, ...]] = {}
    for one in met:
        step = steps[one.id]
        people = people_asked(_able(step, facts), facts.maker.pk)
        if not can_complete(one, people):
            needed = people_needed(one, people)
            raise NobodyToAsk(step=step.name, needed=needed, found=len(people))
        asked[step] = people
    return asked


def _able(step: FlowStep, facts: SubjectFacts) -> list[int]:
    authority = subject_service(step.flow.subject_kind).authority
    people = User.objects.filter(
        pk__in=_resolved(step, facts),
        is_active=True,
        organization_id=facts.ledger.organization_id,
    )
    return [one.pk for one in people if is_within(facts.amount, authority(facts, one))]


def _resolved(step: FlowStep, facts: SubjectFacts) -> list[int]:
    if step.resolver == Resolver.USER:
        return [step.person_id] if step.person_id else []
    if step.resolver == Resolver.DEPARTMENT_HEAD:
        department = facts.maker.department
        return [department.head_id] if department and department.head_id else []
    holders = RoleAssignment.objects.of_roles([Role(step.role)])
    return list(
        holders.filter(user__organization=facts.ledger.organization_id).values_list(
            "user", flat=True
        )
    )
