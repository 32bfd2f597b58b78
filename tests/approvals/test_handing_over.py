"""A person asked hands a single task over: a colleague is asked instead, never the maker."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from apps.approvals.errors import (
    CannotTakeOver,
    DecisionReasonIsMissing,
    HandedOverAlready,
    IsAskedAlready,
    NotYourTask,
    TaskIsNotOpen,
)
from apps.approvals.models import ApprovalRequest, ApprovalTask
from apps.approvals.services.handing_over import hand_over
from apps.approvals.services.inbox import count_waiting
from apps.approvals.words import StepRule
from apps.ledgers.models import Ledger
from apps.ledgers.services.verification import verify_inside_a_transaction
from apps.organizations.models import RoleAssignment, User
from apps.organizations.permissions import Role
from tests.approvals.rounds import approve, ask, ask_approvers, make_round, state_of, task_of
from tests.factories import make_accountant, make_approver, make_ledger, make_user
from tests.sql import refuse

pytestmark = pytest.mark.django_db
WHY = "You know this supplier"


def one_asked() -> tuple[ApprovalRequest, ApprovalTask, Ledger]:
    """Return a round that asks one person, and the task."""
    ledger = make_ledger()
    request = make_round(ask(make_approver(ledger)), ledger=ledger)
    return request, request.tasks.get(), ledger


def given(task: ApprovalTask, taker: User) -> ApprovalTask:
    return hand_over(task, taker, actor=task.person, reason=WHY)


def test_the_colleague_is_asked_instead_and_decides() -> None:
    request, task, ledger = one_asked()
    colleague = make_approver(ledger)

    given(task, colleague)

    assert (count_waiting(task.person), count_waiting(colleague)) == (0, 1)
    approve(request, colleague)
    assert state_of(request) == ("approved", "approved")
    assert request.decisions.get(kind="delegate").reason == WHY
    assert [one for one in verify_inside_a_transaction() if one.count] == []


def test_where_all_are_needed_the_colleague_counts_for_the_person_asked() -> None:
    ledger = make_ledger()
    first, second = make_approver(ledger), make_approver(ledger)
    request = make_round(ask_approvers(rule=StepRule.ALL), ledger=ledger)
    senior = make_user(ledger.organization, Role.SENIOR_ACCOUNTANT)
    given(task_of(request, first), senior)

    approve(request, senior)
    assert state_of(request)[0] == "open"
    approve(request, second)
    assert state_of(request)[0] == "approved"


def test_nobody_takes_over_who_must_not_decide() -> None:
    request, task, ledger = one_asked()
    senior = make_user(ledger.organization, Role.SENIOR_ACCOUNTANT)
    RoleAssignment.objects.filter(user=senior).update(approval_limit=99)

    for person in (
        request.maker,
        senior,
        make_accountant(ledger),
        make_approver(make_ledger()),
    ):
        with pytest.raises(CannotTakeOver):
            given(task, person)


def test_who_is_asked_in_the_step_takes_nothing_over() -> None:
    ledger = make_ledger()
    first, second = make_approver(ledger), make_approver(ledger)
    request = make_round(ledger=ledger)

    with pytest.raises(IsAskedAlready):
        given(task_of(request, first), second)


def test_a_task_is_handed_over_once_and_by_the_person_asked_with_a_reason() -> None:
    _request, task, ledger = one_asked()
    colleague, third = make_approver(ledger), make_approver(ledger)

    with pytest.raises(NotYourTask):
        hand_over(task, colleague, actor=third, reason=WHY)
    with pytest.raises(DecisionReasonIsMissing):
        hand_over(task, colleague, actor=task.person, reason=" ")
    added = given(task, colleague)
    with pytest.raises(HandedOverAlready):
        given(added, third)
    with pytest.raises(TaskIsNotOpen):
        given(task, third)


def test_postgresql_refuses_a_task_that_nobody_handed_over() -> None:
    request, task, ledger = one_asked()
    colleague, third = make_approver(ledger), make_approver(ledger)

    columns = "request_id, step_id, person_id, state, escalated_for_id, handed_over_by_id"
    values = f"{request.pk}, {task.step_id}, {colleague.pk}, 'open', {task.pk}, {third.pk}"
    refuse(
        "FM054",
        f"INSERT INTO approvals_approvaltask ({columns}) VALUES ({values})",
    )
    given(task, colleague)
    refuse("FM050", f"UPDATE approvals_approvaltask SET handed_over_by_id = {third.pk}")


def test_it_is_handed_over_by_the_page_and_leaves_the_inbox() -> None:
    request, task, ledger = one_asked()
    colleague, client = make_approver(ledger), Client()
    client.force_login(task.person)
    url = reverse("approvals:approval_delegate", args=(request.pk,))

    detail = reverse("approvals:approval_detail", args=(request.pk,))
    assert f"{url}?task={task.pk}" in client.get(detail).content.decode()
    assert colleague.display_name() in client.get(f"{url}?task={task.pk}").content.decode()
    typed = {"task": task.pk, "taker": colleague.pk, "reason": WHY}
    assert client.post(url, typed | {"reason": ""}).status_code == 422
    assert client.post(url, typed, follow=True).status_code == 200
    assert (count_waiting(task.person), count_waiting(colleague)) == (0, 1)
