"""A step may ask the owners of what a subject is booked on."""

from __future__ import annotations

from typing import Any

import pytest

from apps.approvals.errors import NobodyToAsk
from apps.approvals.models import ApprovalRequest, FlowStep
from apps.approvals.services.flows import create_flow
from apps.approvals.words import Resolver, StepRule
from apps.ledgers.domain.entries import EntryInput
from apps.ledgers.models import DimensionType, DimensionValue, Ledger
from apps.ledgers.services.dimensions import change_dimension_owner, intern_dimension_set
from apps.ledgers.services.drafts import create_draft, submit_journal_entry
from apps.organizations.models import User
from apps.organizations.permissions import Role
from tests.approvals.rounds import KIND, make_flow
from tests.factories import (
    DAY,
    make_account,
    make_accountant,
    make_approver,
    make_dimension_type,
    make_dimension_value,
    make_ledger,
    make_line,
    make_user,
)
from tests.sql import refuse

pytestmark = pytest.mark.django_db


def ask_owners(dimension: DimensionType | None = None, **values: Any) -> FlowStep:
    """Return a step that asks owners."""
    return FlowStep(
        number=1,
        name="Owner",
        resolver=Resolver.DIMENSION_OWNER,
        dimension=dimension,
        **values,
    )


def owned(kind: DimensionType, owner: User) -> DimensionValue:
    """Return a value of a dimension that somebody answers for."""
    return change_dimension_owner(make_dimension_value(kind), owner, version=1, actor=owner)


def asked_for(ledger: Ledger, *values: DimensionValue, maker: User | None = None) -> set[User]:
    """Return who is asked for an entry that is booked on the values."""
    chosen = intern_dimension_set(values)
    account = make_account(ledger)
    lines = (
        make_line(account, "100", dimension_set_id=chosen and chosen.pk),
        make_line(account, "-100"),
    )
    maker = maker or make_accountant(ledger)
    entry = create_draft(ledger, EntryInput(entry_date=DAY, lines=lines), actor=maker)
    submit_journal_entry(entry, version=entry.version, actor=maker)
    request = ApprovalRequest.objects.get(subject_id=entry.pk)
    return {task.person for task in request.tasks.select_related("person")}


def test_the_owners_of_all_values_on_the_lines_are_asked() -> None:
    ledger = make_ledger()
    one, two = make_approver(ledger), make_approver(ledger)
    values = [owned(make_dimension_type(ledger.organization), who) for who in (one, two)]
    make_flow(ledger.organization, ask_owners(rule=StepRule.ALL))

    assert asked_for(ledger, *values) == {one, two}


def test_a_step_may_ask_the_owners_of_one_dimension() -> None:
    ledger = make_ledger()
    one, two = make_approver(ledger), make_approver(ledger)
    project, customer = (make_dimension_type(ledger.organization) for _ in range(2))
    make_flow(ledger.organization, ask_owners(project))

    assert asked_for(ledger, owned(project, one), owned(customer, two)) == {one}


@pytest.mark.parametrize("owner", ["nobody", "clerk", "maker"])
def test_where_no_owner_may_approve_it_the_submission_is_refused(owner: str) -> None:
    ledger = make_ledger()
    maker = make_user(ledger.organization, Role.ACCOUNTANT, Role.APPROVER)
    people = {"maker": maker, "clerk": make_user(ledger.organization, Role.TREASURY)}
    value = make_dimension_value(make_dimension_type(ledger.organization))
    if owner in people:
        change_dimension_owner(value, people[owner], version=1, actor=maker)
    make_flow(ledger.organization, ask_owners())

    with pytest.raises(NobodyToAsk):
        asked_for(ledger, value, maker=maker)


def test_a_step_asks_about_a_dimension_of_its_own_organization() -> None:
    organization = make_ledger().organization
    own, foreign = (
        make_dimension_type(one) for one in (organization, make_ledger().organization)
    )
    flow = create_flow(KIND, "v1", [ask_owners()], actor=make_user(organization, Role.ADMIN))
    step = (
        "INSERT INTO approvals_flowstep (flow_id, number, name, rule, needed, skip, resolver,"
        " role, escalate_role, dimension_id) VALUES (%(flow)s, 1, 'x', 'any', 1, 'never',"
        " %(resolver)s, '', '', %(dimension)s)"
    )

    values = {"flow": flow.pk, "resolver": "dimension_owner"}
    refuse("FM053", step, **values, dimension=foreign.pk)
    refuse("23514", step, **values | {"resolver": "authority"}, dimension=own.pk)
