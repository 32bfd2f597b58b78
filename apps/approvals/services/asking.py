"""Whom a step asks: resolved at submission, and kept with the request from then on."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, TypeAlias

from apps.approvals.domain.people import people_asked
from apps.approvals.domain.steps import can_complete, people_needed, steps_for
from apps.approvals.errors import NobodyToAsk, NoFlow
from apps.approvals.services.flows import BEFORE, active_flow, flow_for
from apps.approvals.services.subjects import is_within, subject_service
from apps.approvals.words import Resolver
from apps.organizations.access import with_roles
from apps.organizations.models import RoleAssignment, User
from apps.organizations.permissions import MATRIX, Role

if TYPE_CHECKING:
    from apps.approvals.models import ApprovalFlow, FlowStep
    from apps.approvals.services.subjects import SubjectFacts
    from apps.rollout.services.decisions import Choice

Asked: TypeAlias = "dict[FlowStep, tuple[int, ...]]"


def flow_and_people(kind: str, facts: SubjectFacts) -> tuple[ApprovalFlow, Asked, Choice]:
    """Return the flow that a subject takes now, whom it asks, and what the rollout said.

    What is new holds nobody up: where it finds nobody to ask, what was before asks.

    Raises:
        NoFlow, NobodyToAsk: what was before finds nobody either.
    """
    flow, choice = flow_for(kind, facts.scope())
    try:
        return flow, whom_to_ask(flow, facts), choice
    except (NoFlow, NobodyToAsk):
        if flow.word == BEFORE:
            raise
    flow = active_flow(kind, facts.scope(), [BEFORE])
    return flow, whom_to_ask(flow, facts), choice


def whom_to_ask(flow: ApprovalFlow, facts: SubjectFacts) -> Asked:
    """Return the steps that the subject meets, each with the people it asks.

    Those are asked who may approve the amount, never the maker.

    Raises:
        NoFlow: the amount meets no step that asks somebody whatever the credit is.
        NobodyToAsk: a step has fewer people than it needs.
    """
    steps = {step.pk: step for step in flow.steps.all()}
    met = steps_for((step.facts() for step in steps.values()), facts.amount)
    if all(steps[one.id].checks_credit for one in met):
        raise NoFlow
    asked: Asked = {}
    for one in met:
        step = steps[one.id]
        people = people_of_step(step, facts)
        if not can_complete(one, people):
            needed = people_needed(one, people)
            raise NobodyToAsk(step=str(step), needed=needed, found=len(people))
        asked[step] = people
    return asked


def people_of_step(step: FlowStep, facts: SubjectFacts) -> tuple[int, ...]:
    """Return whom a step finds that may approve the subject, never the maker."""
    able = able_among(_resolved(step, facts), step.flow.subject_kind, facts)
    return people_asked(able, facts.maker.pk)


def able_among(people: Collection[int], kind: str, facts: SubjectFacts) -> list[int]:
    """Return those of the people who may approve a subject of the kind."""
    authority = subject_service(kind).authority
    active = User.objects.filter(
        pk__in=people, is_active=True, organization_id=facts.organization_id
    )
    return [
        one.pk for one in with_roles(active) if is_within(facts.amount, authority(facts, one))
    ]


def _resolved(step: FlowStep, facts: SubjectFacts) -> list[int]:
    if step.resolver == Resolver.USER:
        return [step.person_id] if step.person_id else []
    if step.resolver == Resolver.DEPARTMENT_HEAD:
        department = facts.maker.department
        return [department.head_id] if department and department.head_id else []
    if step.resolver == Resolver.DIMENSION_OWNER:
        owners = subject_service(step.flow.subject_kind).owners
        return owners(facts.id, step.dimension_id) if owners else []
    holders = RoleAssignment.objects.of_roles(_roles_of(step))
    of_organization = holders.filter(user__organization=facts.organization_id)
    return list(of_organization.values_list("user", flat=True))


def _roles_of(step: FlowStep) -> Iterable[Role]:
    if step.resolver == Resolver.AUTHORITY:
        return MATRIX[subject_service(step.flow.subject_kind).permission]
    return [Role(step.role)]
