"""The flows that every organization begins with.

v1   every kind            one of those who may approve the amount says yes, as before
v2   entries and imports   a senior accountant looks at the books and an approver at the
                           amount, both at once, then another look where the credit of a
                           supplier or customer is in doubt; the rollout leads departments there
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_noop

from apps.approvals.models import FlowStep
from apps.approvals.services.flows import (
    BEFORE,
    ROLLED_OUT,
    kinds_of_flows,
    move_flow,
    write_flow,
)
from apps.approvals.services.subjects import SUBJECTS
from apps.approvals.words import FlowState, Resolver, SubjectKind
from apps.core.operation import operation
from apps.organizations.models import Organization
from apps.organizations.permissions import DEFAULT_APPROVAL_LIMITS, Role
from apps.organizations.services.people import system_user_of

if TYPE_CHECKING:
    from apps.approvals.models import ApprovalFlow
    from apps.organizations.models import User

SHIPPED = "shipped with the application"
_APPROVAL, _REVIEW = gettext_noop("Approval"), gettext_noop("Accounting review")
_CREDIT = gettext_noop("Credit review")
# What v2 is about: an import is no way around what its entries would meet.
_ENTRIES = (SubjectKind.JOURNAL_ENTRY, SubjectKind.JOURNAL_IMPORT)
# Hours in which each of the people asked should answer.
_SLA = {BEFORE: 48, ROLLED_OUT: 24}


def ship_flows(organization: Organization, *, actor: User) -> list[ApprovalFlow]:
    """Give an organization the flows that it never had any of; return the new ones.

    Kinds that fall back to another one get none.
    """
    with operation("approval_flow.ship", actor=actor, reason=SHIPPED):
        # One at a time: two processes would otherwise ship the same flow.
        type(organization).objects.select_for_update(no_key=True).get(pk=organization.pk)
        has = set(organization.approval_flows.values_list("subject_kind", "word"))
        kinds = [kind for kind in SUBJECTS if kinds_of_flows(kind) == (kind,)]
        shipped = [(kind, BEFORE) for kind in kinds]
        shipped += [(kind, ROLLED_OUT) for kind in _ENTRIES]
        return [_ship(organization, *key, actor) for key in shipped if key not in has]


def ship_where_missing() -> int:
    """Give every organization what it lacks; return how many flows are new.

    It is how organizations from before a kind had flows come to theirs.
    """
    everybody = Organization.objects.all()
    return sum(len(ship_flows(one, actor=system_user_of(one))) for one in everybody)


def _ship(organization: Organization, kind: str, word: str, actor: User) -> ApprovalFlow:
    steps = _two_at_once() if word == ROLLED_OUT else _whoever_may()
    flow = write_flow(organization.pk, kind, word, steps, actor=actor)
    return move_flow(flow, FlowState.ACTIVE, version=flow.version, actor=actor)


def _whoever_may() -> list[FlowStep]:
    return [
        FlowStep(number=1, name=_APPROVAL, resolver=Resolver.AUTHORITY, sla_hours=_SLA[BEFORE])
    ]


def _two_at_once() -> list[FlowStep]:
    """Return steps of one number; above what senior accountants may approve, one of them."""
    return [
        _of_role(1, _REVIEW, Role.SENIOR_ACCOUNTANT),
        _of_role(1, _APPROVAL, Role.APPROVER),
        _of_role(2, _CREDIT, Role.APPROVER, checks_credit=True),
    ]


def _of_role(number: int, name: str, role: Role, **values: Any) -> FlowStep:
    return FlowStep(
        number=number,
        name=name,
        resolver=Resolver.ROLE,
        role=role,
        up_to=DEFAULT_APPROVAL_LIMITS[role],
        sla_hours=_SLA[ROLLED_OUT],
        **values,
    )
