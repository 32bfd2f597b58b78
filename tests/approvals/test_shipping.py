"""The flows that every organization begins with, and who is asked by v2 of journal entries."""

from __future__ import annotations

import pytest

from apps.approvals.errors import NobodyToAsk
from apps.approvals.models import ApprovalRequest
from apps.approvals.services.shipping import ship_flows
from apps.ledgers.models import Ledger
from apps.organizations.models import User
from apps.organizations.permissions import Role
from apps.rollout.models import FlagExposure
from apps.rollout.words import OverrideMode
from tests.approvals.rounds import KIND, approve, make_entry, state_of
from tests.factories import make_department, make_ledger, make_system_user, make_user
from tests.rollout.flags import make_flag, pin

pytestmark = pytest.mark.django_db


def make_house(*roles: Role, mode: OverrideMode = OverrideMode.ON) -> tuple[Ledger, User]:
    """Return a ledger of a new organization with people, and an accountant on v2 or v1."""
    ledger = make_ledger()
    home = ledger.organization
    ship_flows(home, actor=make_system_user())
    department = make_department(home)
    pin(make_flag(home, "15"), department, mode)
    for role in roles:
        make_user(home, role)
    return ledger, make_user(home, Role.ACCOUNTANT, department=department)


def ask(ledger: Ledger, maker: User, amount: str = "100") -> ApprovalRequest:
    """Return the round of an entry that the maker submits."""
    entry = make_entry(ledger, amount, maker=maker)
    return ApprovalRequest.objects.get(subject_kind=KIND, subject_id=entry.pk)


def asked(request: ApprovalRequest) -> list[str]:
    """Return the roles of those whose tasks are open."""
    people = request.tasks.filter(state="open").select_related("person").order_by("pk")
    return [role for task in people for role in task.person.roles()]


def test_a_chosen_department_has_an_accountant_and_an_approver_asked_at_once() -> None:
    request = ask(*make_house(Role.SENIOR_ACCOUNTANT, Role.APPROVER))

    assert request.flow.word == "v2"
    assert asked(request) == [Role.SENIOR_ACCOUNTANT, Role.APPROVER]
    assert FlagExposure.objects.get(subject_id=str(request.pk)).is_on


def test_it_takes_both_of_them() -> None:
    request = ask(*make_house(Role.SENIOR_ACCOUNTANT, Role.APPROVER))
    waiting = request.tasks.filter(state="open").order_by("pk")
    senior, approver = (task.person for task in waiting)

    approve(request, approver)
    assert state_of(request) == ("open", "submitted")
    approve(request, senior)

    assert state_of(request) == ("approved", "approved")


def test_a_department_that_was_not_chosen_asks_whoever_may_approve() -> None:
    house = make_house(Role.SENIOR_ACCOUNTANT, Role.APPROVER, mode=OverrideMode.OFF)
    request = ask(*house)

    assert request.flow.word == "v1"
    assert sorted(asked(request)) == [Role.APPROVER, Role.SENIOR_ACCOUNTANT]


def test_above_the_limit_of_accountants_an_approver_is_enough() -> None:
    ledger, maker = make_house(Role.SENIOR_ACCOUNTANT, Role.APPROVER)

    assert asked(ask(ledger, maker, "500000")) == [Role.SENIOR_ACCOUNTANT, Role.APPROVER]
    assert asked(ask(ledger, maker, "500000.01")) == [Role.APPROVER]


@pytest.mark.parametrize("role", [Role.SENIOR_ACCOUNTANT, Role.APPROVER])
def test_where_v2_finds_nobody_v1_asks(role: Role) -> None:
    request = ask(*make_house(role))

    assert request.flow.word == "v1"
    assert asked(request) == [role]
    assert request.choice["is_on"]


def test_where_v1_finds_nobody_either_the_submission_is_refused() -> None:
    ledger, maker = make_house()

    with pytest.raises(NobodyToAsk):
        make_entry(ledger, maker=maker)

    assert not ApprovalRequest.objects.exists()
