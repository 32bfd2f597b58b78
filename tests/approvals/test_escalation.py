"""Escalation adds a person where a step waits too long, and approves nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from apps.approvals.models import ApprovalRequest
from apps.approvals.services.escalating import escalate_due
from apps.approvals.services.talk import answer
from apps.approvals.services.talk import ask as ask_maker
from apps.approvals.tasks import escalate_due as run_by_beat
from apps.approvals.words import StepRule
from apps.audit.models import OperationLog
from apps.organizations.models import User
from apps.organizations.permissions import Role
from tests.approvals.rounds import (
    approve,
    ask,
    ask_approvers,
    ask_for,
    make_entry,
    make_flow,
    make_round,
    state_of,
    task_of,
)
from tests.factories import make_approver, make_ledger, make_senior, make_user

pytestmark = pytest.mark.django_db
TO_SENIORS: dict[str, Any] = {
    "escalate_after": 4,
    "escalate_role": Role.SENIOR_ACCOUNTANT,
    "sla_hours": 2,
}


def hours(number: int) -> Any:
    """Return the moment some hours from now, and a second."""
    return timezone.now() + timedelta(hours=number, seconds=1)


def added_to(request: ApprovalRequest) -> list[User]:
    """Return whom escalation added."""
    tasks = request.tasks.filter(escalated_for__isnull=False).order_by("pk")
    return [task.person for task in tasks]


def test_a_person_is_added_when_it_is_time_and_once() -> None:
    ledger = make_ledger()
    person, boss = make_approver(ledger), make_approver(ledger)
    request = make_round(ask(person, escalate_after=4, escalate_to=boss), ledger=ledger)

    assert escalate_due(hours(3)) == 0
    assert escalate_due(hours(4)) == 1
    assert escalate_due(hours(40)) == 0

    decision = request.decisions.get(kind="escalate")
    assert added_to(request) == [boss]
    assert (decision.actor.username, decision.task.person) == (  # type: ignore[union-attr]
        f"system@{ledger.organization.code}",
        boss,
    )
    assert state_of(request) == ("open", "submitted")


def test_whoever_of_the_two_approves_first_fills_the_seat() -> None:
    ledger = make_ledger()
    one, two, boss = (make_approver(ledger) for _ in range(3))
    steps = ask_approvers(rule=StepRule.ALL, escalate_after=4, escalate_role=Role.APPROVER)
    request = make_round(steps, ledger=ledger)
    late = make_user(ledger.organization, Role.APPROVER)
    assert escalate_due(hours(4)) == 1
    assert added_to(request) == [late]

    for person in (one, boss):
        approve(request, person)
    assert state_of(request) == ("open", "submitted")
    approve(request, two)

    assert state_of(request) == ("approved", "approved")


def test_who_was_added_decides_for_the_seat() -> None:
    ledger = make_ledger()
    person, senior = make_approver(ledger), make_senior(ledger)
    request = make_round(ask(person, **TO_SENIORS), ledger=ledger)
    now = hours(4)
    escalate_due(now)

    assert task_of(request, senior).due_at == now + timedelta(hours=2)
    approve(request, senior)

    assert state_of(request) == ("approved", "approved")
    assert task_of(request, person).state == "closed"


def test_where_one_of_many_is_enough_one_is_added() -> None:
    ledger = make_ledger()
    for _ in range(3):
        make_approver(ledger)
        make_senior(ledger)
    request = make_round(ask_approvers(**TO_SENIORS), ledger=ledger)

    assert escalate_due(hours(4)) == 1
    assert (len(added_to(request)), escalate_due(hours(9))) == (1, 0)


def test_who_has_the_least_to_do_is_added() -> None:
    ledger = make_ledger()
    busy, idle = make_senior(ledger), make_senior(ledger)
    person = make_approver(ledger)
    request = make_round(ask(person, **TO_SENIORS), ask(busy), ledger=ledger)

    escalate_due(hours(4))

    assert added_to(request) == [idle]


@pytest.mark.parametrize(
    "names",
    [{"escalate_role": Role.SENIOR_ACCOUNTANT}, {"escalate_role": Role.TREASURY}],
)
def test_neither_the_maker_nor_who_may_not_approve_is_added(names: dict[str, Any]) -> None:
    ledger = make_ledger()
    maker, person = make_senior(ledger), make_approver(ledger)
    make_user(ledger.organization, Role.TREASURY)
    make_senior(make_ledger())
    make_flow(ledger.organization, ask(person, escalate_after=4, **names))
    request = ask_for(make_entry(ledger, maker=maker))

    assert (escalate_due(hours(4)), added_to(request)) == (0, [])


def test_it_looks_again_where_nobody_could_be_added() -> None:
    ledger = make_ledger()
    request = make_round(ask(make_approver(ledger), **TO_SENIORS), ledger=ledger)
    assert escalate_due(hours(4)) == 0
    senior = make_senior(ledger)

    assert escalate_due(hours(4)) == 0
    assert escalate_due(hours(5)) == 1
    assert added_to(request) == [senior]


def test_nobody_is_added_while_the_maker_is_asked_something() -> None:
    ledger = make_ledger()
    person, senior = make_approver(ledger), make_senior(ledger)
    request = make_round(ask(person, **TO_SENIORS), ledger=ledger)
    ask_maker(request, "Why?", actor=person)

    assert escalate_due(hours(4)) == 0
    answer(request, "Because", actor=request.maker)
    escalate_due(hours(4))

    assert added_to(request) == [senior]


def test_a_round_that_was_decided_is_left_alone() -> None:
    ledger = make_ledger()
    person = make_approver(ledger)
    make_senior(ledger)
    request = make_round(ask(person, **TO_SENIORS), ledger=ledger)
    approve(request, person)

    assert (escalate_due(hours(4)), added_to(request)) == (0, [])


def test_beat_runs_it_and_the_log_names_the_system() -> None:
    ledger = make_ledger()
    make_senior(ledger)
    request = make_round(ask(make_approver(ledger), **TO_SENIORS), ledger=ledger)
    request.tasks.update(escalate_at=timezone.now())

    run_by_beat()

    row = OperationLog.objects.filter(kind="approval.escalate").latest("pk")
    assert row.actor_name == f"system@{ledger.organization.code}"
    entry = settings.CELERY_BEAT_SCHEDULE["escalate approvals"]
    assert entry["task"] == run_by_beat.name
