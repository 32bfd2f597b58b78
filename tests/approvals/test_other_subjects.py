"""Subjects that are no entries: submitted, asked for, decided, carried out."""

from __future__ import annotations

from typing import Any

import pytest

from apps.approvals.errors import CannotBeWithdrawn, ContentHasChanged, NotYourTask
from apps.approvals.models import ApprovalRequest
from apps.approvals.services.deciding import return_request
from apps.approvals.services.requests import take_back_round, withdraw_request
from apps.approvals.services.shipping import ship_flows
from apps.core.errors import FinanceError
from apps.organizations.permissions import Role
from tests.approvals.imported import Import
from tests.approvals.subjects import Policy, Rate, Reopening, Settlement, Subject
from tests.factories import make_user

pytestmark = pytest.mark.django_db
KINDS = [Reopening, Policy, Rate, Settlement, Import]
of_every_kind = pytest.mark.parametrize("kind", KINDS)


@of_every_kind
def test_it_is_carried_out_when_everybody_asked_has_approved(kind: type[Any]) -> None:
    subject = kind().asked()
    before = subject.state()

    subject.approve(subject.first)
    between = subject.state()
    subject.approve(subject.second)

    assert (before[0], between) == ("open", before)
    assert subject.state() == ("approved", subject.done)


@of_every_kind
def test_nobody_else_approves_it(kind: type[Any]) -> None:
    subject = kind().asked()
    before = subject.state()

    with pytest.raises(FinanceError):
        subject.approve(subject.maker)
    with pytest.raises(NotYourTask):
        subject.approve(make_user(subject.organization, subject.decider))

    assert subject.state() == before


@of_every_kind
def test_one_no_ends_it(kind: type[Any]) -> None:
    subject = kind().asked()

    subject.reject(subject.first)

    assert subject.state() == ("rejected", subject.refused)


@pytest.mark.parametrize("kind", [Reopening, Policy, Settlement, Import])
def test_its_maker_takes_it_back(kind: type[Any]) -> None:
    subject = kind().asked()

    subject.withdraw()

    assert subject.state()[0] == "withdrawn"
    assert subject.state()[1] in {"withdrawn", subject.refused}


def test_a_rate_is_not_taken_back() -> None:
    subject = Rate().asked()

    with pytest.raises(CannotBeWithdrawn):
        withdraw_request(subject.round(), actor=subject.maker)

    assert subject.state() == ("open", "waiting")


@of_every_kind
def test_what_changed_makes_the_round_void_and_is_not_carried_out(kind: type[Any]) -> None:
    subject = kind().asked()
    before = subject.state()[1]
    subject.change()
    subject.row.refresh_from_db()

    with pytest.raises(ContentHasChanged):
        subject.approve(subject.first)

    assert subject.state() == ("void", before)


@of_every_kind
def test_postgresql_refuses_what_goes_around_the_round(kind: type[Any]) -> None:
    subject = kind().asked()
    before = subject.state()

    subject.go_around()

    assert subject.state() == before


@of_every_kind
def test_what_was_carried_out_is_not_taken_back(kind: type[Any]) -> None:
    subject = kind().asked()
    subject.approve(subject.first)
    subject.approve(subject.second)

    with pytest.raises(FinanceError):
        take_back_round(subject.round(), actor=subject.second, reason="oops")

    assert subject.state() == ("approved", subject.done)


@of_every_kind
def test_what_is_given_back_is_refused(kind: type[Any]) -> None:
    subject = kind().asked()
    task = subject.round().tasks.get(person=subject.first)

    return_request(task, "Which bill?", actor=subject.first)

    assert subject.state() == ("returned", subject.refused)


@of_every_kind
def test_without_a_flow_one_other_person_decides_as_before(kind: type[Any]) -> None:
    subject = kind()
    subject.row = subject.submit()

    subject.approve(make_user(subject.organization, subject.decider))

    assert subject.subject_state() == subject.done
    assert not ApprovalRequest.objects.exists()


@of_every_kind
def test_with_the_shipped_flow_one_of_those_who_may_decides(kind: type[Any]) -> None:
    subject: Subject = kind()
    decider = make_user(subject.organization, subject.decider)
    make_user(subject.organization, Role.AUDITOR)
    ship_flows(subject.organization, actor=decider)
    subject.row = subject.submit()

    subject.approve(decider)

    assert subject.state() == ("approved", subject.done)
