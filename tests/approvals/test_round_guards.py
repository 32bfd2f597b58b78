"""What PostgreSQL refuses of rounds: skipped steps, closed ways, questions, escalations."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from apps.approvals.models import ApprovalRequest
from apps.approvals.services.delegations import delegate, revoke_delegation
from apps.approvals.services.talk import ask as ask_maker
from apps.approvals.services.talk import comment
from apps.organizations.models import User
from apps.organizations.permissions import Role
from tests.approvals.rounds import approve, ask, make_round, state_of, task_of
from tests.factories import make_approver, make_ledger, make_system_user, make_user
from tests.sql import refuse, run

pytestmark = pytest.mark.django_db
FIXED, STEP, MAKER, FOREIGN, TOO_FEW, _, ABOVE, NO_WAY = (f"FM05{digit}" for digit in range(8))
APPEND_ONLY = "FM007"
DECIDE = (
    'INSERT INTO approvals_approvaldecision (request_id, task_id, kind, actor_id, way, "limit",'
    " decided_on, reason, at) VALUES (%(request)s, %(task)s, %(kind)s, %(actor)s, %(way)s,"
    " %(limit)s, %(day)s, '', now())"
)
CLOSE = "UPDATE approvals_approvalrequest SET state = '{}', closed_at = now()"


@pytest.fixture
def person() -> User:
    """Return an approver."""
    return make_approver(make_ledger())


@pytest.fixture
def request_(person: User) -> ApprovalRequest:
    """Return a round that asks the approver, and then another one."""
    ledger = make_ledger(person.organization)
    escalates: dict[str, Any] = {"escalate_after": 1, "escalate_role": Role.SENIOR_ACCOUNTANT}
    return make_round(ask(person, **escalates), ask(make_approver(ledger), 2), ledger=ledger)


def decision(request: ApprovalRequest, *way: User, **values: Any) -> dict[str, Any]:
    """Return what the last of a way would decide today for the first."""
    return {
        "request": request.pk,
        "task": task_of(request, way[0]).pk,
        "kind": "approve",
        "actor": way[-1].pk,
        "way": [one.pk for one in way],
        "limit": None,
        "day": timezone.localdate(),
        **values,
    }


def test_a_round_is_not_approved_while_a_step_lacks_its_tasks(
    request_: ApprovalRequest, person: User
) -> None:
    approve(request_, person)
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("SET LOCAL session_replication_role = replica")
    run("DELETE FROM approvals_approvaltask WHERE person_id <> %(one)s", one=person.pk)
    run("SET LOCAL session_replication_role = origin")

    refuse(TOO_FEW, CLOSE.format("approved"))

    assert state_of(request_) == ("open", "submitted")


def test_a_step_whose_band_the_amount_does_not_meet_is_not_waited_for(person: User) -> None:
    ledger = make_ledger(person.organization)
    above = ask(make_approver(ledger), 2, above=Decimal(100))

    request = approve(make_round(ask(person), above, ledger=ledger), person)

    assert state_of(request) == ("approved", "approved")


@pytest.mark.parametrize("state", ["rejected", "returned", "withdrawn", "void"])
def test_a_round_does_not_end_as_nobody_said(request_: ApprovalRequest, state: str) -> None:
    refuse(TOO_FEW, CLOSE.format(state))

    assert state_of(request_) == ("open", "submitted")


@pytest.mark.parametrize("limit", ["-1", "99.99", None])
def test_a_way_takes_a_delegation_that_covers_the_amount(
    request_: ApprovalRequest, person: User, limit: str | None
) -> None:
    stand_in, today = make_user(request_.organization, Role.APPROVER), timezone.localdate()
    refuse(NO_WAY, DECIDE, **decision(request_, person, stand_in))
    if limit != "-1":
        most = None if limit is None else Decimal(limit)
        delegate(stand_in, (today, today), actor=person, limit=most)

    if limit is None:
        run(DECIDE, **decision(request_, person, stand_in, kind="reject"))
    else:
        refuse(NO_WAY, DECIDE, **decision(request_, person, stand_in))


def test_a_way_takes_a_delegation_that_is_in_force_on_the_day(
    request_: ApprovalRequest, person: User
) -> None:
    stand_in, today = make_user(request_.organization, Role.APPROVER), timezone.localdate()
    later = today + timedelta(days=5)
    delegate(stand_in, (later, later), actor=person)
    revoked = delegate(stand_in, (today, later), actor=person)
    revoke_delegation(revoked, version=1, actor=person)

    refuse(NO_WAY, DECIDE, **decision(request_, person, stand_in))
    refuse(STEP, DECIDE, **decision(request_, person, stand_in, day=later))
    refuse(STEP, DECIDE, **decision(request_, person, day=date(2020, 1, 1)))


def test_every_hop_of_a_way_is_looked_at(request_: ApprovalRequest, person: User) -> None:
    people = [make_user(request_.organization, Role.APPROVER) for _ in range(2)]
    today = timezone.localdate()
    delegate(people[0], (today, today), actor=person)

    refuse(NO_WAY, DECIDE, **decision(request_, person, *people))
    delegate(people[1], (today, today), actor=people[0])
    run(DECIDE, **decision(request_, person, *people))


def test_an_approval_is_not_above_the_limit(request_: ApprovalRequest, person: User) -> None:
    refuse(ABOVE, DECIDE, **decision(request_, person, limit="99.99"))
    run(DECIDE, **decision(request_, person, limit="100"))


@pytest.mark.parametrize("kind", ["approve", "reject", "return", "ask"])
def test_the_maker_decides_nothing_not_even_as_a_stand_in(
    request_: ApprovalRequest, person: User, kind: str
) -> None:
    today, maker = timezone.localdate(), request_.maker
    delegate(maker, (today, today), actor=person)

    refuse(MAKER, DECIDE, **decision(request_, person, maker, kind=kind))
    refuse(MAKER, DECIDE, **decision(request_, person, actor=maker.pk, kind=kind))


def test_nobody_from_outside_decides_not_even_the_superuser(
    request_: ApprovalRequest, person: User
) -> None:
    outside = make_system_user(), make_approver(make_ledger())

    for actor in outside:
        refuse(FOREIGN, DECIDE, **decision(request_, person, actor=actor.pk))


def test_who_is_asked_asks_and_the_maker_answers_when_asked(
    request_: ApprovalRequest, person: User
) -> None:
    nothing: dict[str, Any] = {"task": None, "way": []}
    answer = decision(request_, person, kind="answer", actor=request_.maker_id, **nothing)
    later = request_.tasks.get(step__number=2)

    refuse(STEP, DECIDE, **answer)
    refuse(MAKER, DECIDE, **answer | {"actor": person.pk})
    refuse(FOREIGN, DECIDE, **decision(request_, later.person, kind="ask"))
    refuse(TOO_FEW, "UPDATE approvals_approvalrequest SET asked_at = now()")
    ask_maker(request_, "Why?", actor=person)
    refuse(TOO_FEW, "UPDATE approvals_approvalrequest SET asked_at = NULL")
    run(DECIDE, **answer)


def test_only_the_maker_withdraws(request_: ApprovalRequest, person: User) -> None:
    values = decision(request_, person, kind="withdraw", task=None, way=[])

    refuse(MAKER, DECIDE, **values)


def test_nobody_is_asked_after_submission_but_by_escalation(
    request_: ApprovalRequest, person: User
) -> None:
    task, other = task_of(request_, person), make_user(request_.organization, Role.APPROVER)
    senior = make_user(request_.organization, Role.SENIOR_ACCOUNTANT)
    born = (
        "INSERT INTO approvals_approvaltask (request_id, step_id, person_id, state,"
        " escalated_for_id) VALUES (%(request)s, %(step)s, %(person)s, 'open', %(seat)s)"
    )
    values = {"request": request_.pk, "step": task.step_id, "seat": task.pk}
    planned = request_.tasks.get(step__number=2).pk

    refuse(STEP, born, person=other.pk, **values | {"seat": None})
    refuse(STEP, born, person=senior.pk, **values | {"seat": planned})
    refuse(FOREIGN, born, person=other.pk, **values)
    refuse(MAKER, born, person=request_.maker_id, **values)
    # Nobody wrote down that it was escalated.
    refuse(TOO_FEW, born, person=senior.pk, **values)


def test_what_was_said_stays_and_comes_from_inside(
    request_: ApprovalRequest, person: User
) -> None:
    comment(request_, "Seen", actor=person)
    said = "INSERT INTO approvals_requestcomment (request_id, author_id, text, at)"

    refuse(APPEND_ONLY, "UPDATE approvals_requestcomment SET text = 'x'")
    refuse(APPEND_ONLY, "DELETE FROM approvals_requestcomment")
    refuse(FOREIGN, f"{said} VALUES ({request_.pk}, {make_system_user().pk}, 'x', now())")


def test_no_file_joins_what_was_decided() -> None:
    ledger = make_ledger()
    person = make_approver(ledger)
    request = approve(make_round(ask(person), ledger=ledger), person)

    refuse(
        STEP,
        "INSERT INTO approvals_requestattachment (request_id, filename, content_type, size,"
        f" sha256, file, uploaded_by_id, uploaded_at) VALUES ({request.pk}, 'a', 'b', 1, 'c',"
        f" 'd', {person.pk}, now())",
    )


def test_a_task_stays_with_its_person_and_its_moment(
    request_: ApprovalRequest, person: User
) -> None:
    task = f"WHERE id = {task_of(request_, person).pk}"

    refuse(STEP, f"UPDATE approvals_approvaltask SET opened_at = now() + '1 day' {task}")
    refuse(STEP, f"UPDATE approvals_approvaltask SET state = 'planned' {task}")
    refuse(FIXED, f"UPDATE approvals_approvaltask SET escalated_for_id = id {task}")
