"""Flows are written, made active, chosen by the rollout, and retired."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.approvals.errors import (
    BadDelegation,
    FlowHasNoSteps,
    FlowIsTheLast,
    IllegalFlowStep,
)
from apps.approvals.services.delegations import delegate
from apps.approvals.services.flows import (
    Scope,
    activate_flow,
    create_flow,
    flow_for,
    retire_flow,
)
from apps.core.errors import Forbidden
from apps.ledgers.models import Ledger
from apps.organizations.models import Department
from apps.organizations.permissions import Role
from apps.rollout.models import FlagExposure
from tests.approvals.rounds import KIND, ask_approvers, ask_for, make_entry, make_flow
from tests.factories import (
    make_approver,
    make_department,
    make_ledger,
    make_organization,
    make_user,
)
from tests.rollout.flags import make_flag

pytestmark = pytest.mark.django_db


def scope(ledger: Ledger, department: Department | None = None) -> Scope:
    return Scope(ledger.organization_id, ledger, department)


def test_an_administrator_writes_flows_and_nobody_else() -> None:
    ledger = make_ledger()

    with pytest.raises(Forbidden):
        create_flow(KIND, "v1", [ask_approvers()], actor=make_approver(ledger))
    with pytest.raises(FlowHasNoSteps):
        create_flow(KIND, "v1", [], actor=make_user(ledger.organization, Role.ADMIN))


def test_another_organization_does_not_change_a_flow() -> None:
    flow = make_flow(make_organization())

    with pytest.raises(Forbidden):
        retire_flow(flow, version=2, actor=make_user(make_organization(), Role.ADMIN))


def test_a_flow_that_becomes_active_takes_the_place_of_the_one_before() -> None:
    organization = make_organization()
    flow, admin = make_flow(organization), make_user(organization, Role.ADMIN)
    other = create_flow(KIND, "v1", [ask_approvers()], actor=admin)

    activate_flow(other, version=1, actor=admin)
    flow.refresh_from_db()

    assert (flow.state, other.state) == ("retired", "active")
    with pytest.raises(IllegalFlowStep):
        activate_flow(flow, version=3, actor=admin)


def test_the_last_flow_of_the_organization_is_only_replaced() -> None:
    organization = make_organization()
    flow, admin = make_flow(organization), make_user(organization, Role.ADMIN)
    new = make_flow(organization, word="v2")

    assert retire_flow(new, version=2, actor=admin).state == "retired"
    with pytest.raises(FlowIsTheLast):
        retire_flow(flow, version=2, actor=admin)


def test_the_rollout_chooses_the_version_and_the_round_remembers_it() -> None:
    ledger = make_ledger()
    make_approver(ledger)
    flag = make_flag(ledger.organization, "100")
    department = make_department(ledger.organization)
    maker = make_user(ledger.organization, Role.ACCOUNTANT, department=department)
    before, after = make_flow(ledger.organization), make_flow(ledger.organization, word="v2")

    request = ask_for(make_entry(ledger, maker=maker))

    assert request.flow == after
    assert flow_for(KIND, scope(ledger))[0] == before
    assert request.choice["is_on"]
    assert FlagExposure.objects.get(flag=flag).subject_id == str(request.pk)


def test_where_nobody_wrote_what_is_new_it_stays_as_it_was() -> None:
    ledger = make_ledger()
    make_flag(ledger.organization, "100")
    flow = make_flow(ledger.organization)

    assert flow_for(KIND, scope(ledger, make_department(ledger.organization)))[0] == flow


def test_the_flow_of_a_department_beats_that_of_the_organization() -> None:
    ledger = make_ledger()
    everybody, admin = (
        make_flow(ledger.organization),
        make_user(ledger.organization, Role.ADMIN),
    )
    legal = make_department(ledger.organization)
    own = create_flow(KIND, "v1", [ask_approvers()], actor=admin, department=legal)
    activate_flow(own, version=1, actor=admin)

    assert flow_for(KIND, scope(ledger, legal))[0] == own
    assert flow_for(KIND, scope(ledger, make_department(ledger.organization)))[0] == everybody


def test_people_delegate_to_colleagues_for_days_to_come() -> None:
    organization = make_organization()
    giver, taker = make_user(organization), make_user(organization)
    today = timezone.localdate()
    past = today - timedelta(days=1)

    for person, days in (
        (giver, (today, today)),
        (make_user(make_organization()), (today, today)),
        (taker, (today, past)),
        (taker, (past, past)),
    ):
        with pytest.raises(BadDelegation):
            delegate(person, days, actor=giver)
