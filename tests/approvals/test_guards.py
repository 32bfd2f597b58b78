"""What PostgreSQL refuses of approvals, whoever writes."""

from __future__ import annotations

from datetime import date

import pytest

from apps.approvals.services.delegations import delegate
from apps.approvals.words import StepRule
from tests.approvals.rounds import (
    approve,
    ask_approvers,
    make_flow,
    make_round,
    state_of,
    task_of,
)
from tests.factories import make_approver, make_ledger, make_organization, make_user
from tests.sql import refuse, run

pytestmark = pytest.mark.django_db
FIXED, STEP, MAKER, FOREIGN, TOO_FEW, TWICE = (f"FM05{digit}" for digit in range(6))
APPEND_ONLY, UNIQUE, CHECK = "FM007", "23505", "23514"
DECIDE = (
    "INSERT INTO approvals_approvaldecision (request_id, task_id, kind, actor_id, way, reason,"
    " at) VALUES (%(request)s, %(task)s, %(kind)s, %(actor)s, %(way)s, '', now())"
)


@pytest.mark.parametrize(
    ("code", "change"),
    [
        (FIXED, "word = 'v9'"),
        (FIXED, "subject_kind = 'other'"),
        (FIXED, "organization_id = organization_id + 1"),
        (STEP, "state = 'draft'"),
        (STEP, "version = version + 1"),
    ],
)
def test_an_active_flow_never_changes(code: str, change: str) -> None:
    make_flow(make_organization())

    refuse(code, f"UPDATE approvals_approvalflow SET {change}")


def test_the_steps_of_a_flow_never_change_and_none_joins_an_active_one() -> None:
    make_flow(make_organization())
    columns = "flow_id, number, name, rule, needed, skip, resolver, person_id, role"

    refuse(APPEND_ONLY, "UPDATE approvals_flowstep SET rule = 'any'")
    refuse(APPEND_ONLY, "DELETE FROM approvals_flowstep")
    refuse(
        FIXED,
        f"INSERT INTO approvals_flowstep ({columns}) SELECT {columns} FROM approvals_flowstep",
    )


def test_a_flow_is_born_as_a_draft_and_needs_a_step_to_become_active() -> None:
    made = "INSERT INTO approvals_approvalflow (version, created_at, updated_at, subject_kind,"
    made += " word, state, organization_id) VALUES (1, now(), now(), 'journal_entry', 'v1', "
    organization = make_organization()

    refuse(STEP, f"{made} 'active', {organization.pk})")
    run(f"{made} 'draft', {organization.pk})")
    refuse(TOO_FEW, "UPDATE approvals_approvalflow SET state = 'active'")


def test_nothing_of_an_approval_is_deleted() -> None:
    ledger = make_ledger()
    make_approver(ledger)
    make_round(ledger=ledger)

    for table in ("approvalflow", "approvalrequest", "approvaltask", "delegation"):
        refuse(FIXED, f"DELETE FROM approvals_{table}")
    refuse(APPEND_ONLY, "DELETE FROM approvals_approvaldecision")
    refuse(APPEND_ONLY, "UPDATE approvals_approvaldecision SET kind = 'reject'")
    run("SET CONSTRAINTS ALL IMMEDIATE")
    refuse(APPEND_ONLY, "TRUNCATE approvals_approvaldecision CASCADE")


def test_the_maker_is_never_asked_never_decides_and_stands_in_no_way() -> None:
    ledger = make_ledger()
    person = make_approver(ledger)
    request = make_round(ledger=ledger)
    task, maker = task_of(request, person), request.maker_id
    values = {"request": request.pk, "task": task.pk, "kind": "approve"}

    refuse(MAKER, DECIDE, actor=maker, way=[person.pk, maker], **values)
    refuse(MAKER, DECIDE, actor=person.pk, way=[person.pk, maker, person.pk], **values)
    refuse(
        MAKER,
        "INSERT INTO approvals_approvaltask (request_id, step_id, person_id, state)"
        f" VALUES ({request.pk}, {task.step_id}, {maker}, 'open')",
    )
    refuse(FIXED, f"UPDATE approvals_approvaltask SET person_id = {maker}")
    refuse(FIXED, f"UPDATE approvals_approvalrequest SET maker_id = {person.pk}")


def test_a_task_is_decided_once_and_by_who_was_asked_or_a_stand_in() -> None:
    ledger = make_ledger()
    one, two = make_approver(ledger), make_approver(ledger)
    request = make_round(ask_approvers(rule=StepRule.ALL), ledger=ledger)
    task = task_of(request, one)
    values = {"request": request.pk, "task": task.pk}

    refuse(FOREIGN, DECIDE, kind="approve", actor=two.pk, way=[two.pk], **values)
    refuse(FOREIGN, DECIDE, kind="approve", actor=two.pk, way=[one.pk], **values)
    refuse(FOREIGN, DECIDE, kind="approve", actor=two.pk, way=[], **values)
    approve(request, one)
    refuse(UNIQUE, DECIDE, kind="reject", actor=one.pk, way=[one.pk], **values)
    refuse(STEP, f"UPDATE approvals_approvaltask SET state = 'open' WHERE id = {task.pk}")


def test_one_person_does_not_approve_twice_in_a_step() -> None:
    ledger = make_ledger()
    one, two = make_approver(ledger), make_approver(ledger)
    request = make_round(ask_approvers(rule=StepRule.ALL), ledger=ledger)
    approve(request, one)

    refuse(
        TWICE,
        DECIDE,
        request=request.pk,
        task=task_of(request, two).pk,
        kind="approve",
        actor=one.pk,
        way=[two.pk, one.pk],
    )


def test_a_task_is_not_approved_without_a_decision_nor_a_request_without_its_tasks() -> None:
    ledger = make_ledger()
    for _ in range(2):
        make_approver(ledger)
    request = make_round(ask_approvers(rule=StepRule.ALL), ledger=ledger)
    closes = "UPDATE approvals_approvalrequest SET state = 'approved', closed_at = now()"

    refuse(TOO_FEW, "UPDATE approvals_approvaltask SET state = 'approved'")
    refuse(TOO_FEW, closes)
    approve(request, request.tasks.all()[0].person)
    refuse(TOO_FEW, closes)

    assert state_of(request) == ("open", "submitted")


@pytest.mark.parametrize("column", ["amount = 1", "content_hash = 'x'", "choice = '{}'"])
def test_what_a_request_was_opened_with_never_changes(column: str) -> None:
    ledger = make_ledger()
    make_approver(ledger)
    make_round(ledger=ledger)

    refuse(FIXED, f"UPDATE approvals_approvalrequest SET {column}")


def test_a_closed_request_stays_closed_and_takes_no_decision() -> None:
    ledger = make_ledger()
    person = make_approver(ledger)
    request = approve(make_round(ledger=ledger), person)

    refuse(STEP, "UPDATE approvals_approvalrequest SET state = 'open', closed_at = NULL")
    refuse(STEP, DECIDE, request=request.pk, task=None, kind="void", actor=person.pk, way=[])


def test_a_delegation_stays_as_it_was_given_and_within_the_organization() -> None:
    organization = make_organization()
    giver, taker = make_user(organization), make_user(organization)
    stranger = make_user(make_organization())
    day = date(2999, 1, 1)
    delegate(taker, (day, day), actor=giver)

    refuse(FIXED, 'UPDATE approvals_delegation SET "limit" = 5')
    refuse(FIXED, f"UPDATE approvals_delegation SET taker_id = {stranger.pk}")
    refuse(
        FOREIGN,
        "INSERT INTO approvals_delegation (version, created_at, updated_at, giver_id, taker_id,"
        " organization_id, starts_on, ends_on, reason) VALUES (1, now(), now(),"
        f" {giver.pk}, {stranger.pk}, {organization.pk}, now(), now(), '')",
    )
