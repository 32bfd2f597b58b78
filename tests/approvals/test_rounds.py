"""A round of approval, from submission to the last decision."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from apps.approvals.errors import (
    AboveAuthority,
    ApprovedThisStepAlready,
    ContentHasChanged,
    DecisionReasonIsMissing,
    MakerNeverDecides,
    NobodyToAsk,
    NoFlow,
    NotTheRequester,
    NotYourTask,
    RequestIsClosed,
    TaskIsNotOpen,
)
from apps.approvals.models import ApprovalTask
from apps.approvals.services.deciding import decide, decide_many
from apps.approvals.services.delegations import delegate, revoke_delegation
from apps.approvals.services.requests import open_request, withdraw_request
from apps.approvals.words import SkipRule, StepRule
from apps.core.errors import Forbidden
from apps.ledgers.services.drafts import mark_submitted, mark_withdrawn, save_draft
from apps.organizations.models import User
from apps.organizations.permissions import Role
from apps.organizations.services.people import change_approval_limit
from tests.approvals.rounds import (
    APPROVE,
    KIND,
    REJECT,
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
from tests.factories import (
    make_account,
    make_approver,
    make_content,
    make_ledger,
    make_senior,
    make_user,
)

pytestmark = pytest.mark.django_db


def hand_over(giver: User, taker: User, limit: str | None = None) -> object:
    today = timezone.localdate()
    most = None if limit is None else Decimal(limit)
    return delegate(taker, (today, today + timedelta(days=1)), actor=giver, limit=most)


def test_one_of_the_people_asked_approves_and_the_others_need_not_any_more() -> None:
    ledger = make_ledger()
    people = [make_approver(ledger) for _ in range(2)]
    request = make_round(ledger=ledger)

    approve(request, people[0])

    assert state_of(request) == ("approved", "approved")
    assert task_of(request, people[1]).state == "closed"
    assert list(request.decisions.values_list("kind", flat=True)) == ["submit", "approve"]


def test_all_are_needed_where_the_step_says_so() -> None:
    ledger = make_ledger()
    people = [make_approver(ledger) for _ in range(2)]
    request = make_round(ask_approvers(rule=StepRule.ALL), ledger=ledger)

    approve(request, people[0])

    assert state_of(request) == ("open", "submitted")
    approve(request, people[1])
    assert state_of(request) == ("approved", "approved")


def test_the_next_step_begins_when_the_parallel_ones_are_complete() -> None:
    ledger = make_ledger()
    one, two, three = (make_approver(ledger) for _ in range(3))
    request = make_round(ask(one), ask(two), ask(three, 2), ledger=ledger)

    approve(request, two)
    with pytest.raises(TaskIsNotOpen):
        decide(task_of(request, three), APPROVE, actor=three)
    approve(request, one)
    approve(request, three)

    assert state_of(request) == ("approved", "approved")


def test_who_approved_before_is_not_asked_again_where_the_step_says_so() -> None:
    ledger = make_ledger()
    person = make_approver(ledger)
    steps = ask(person), ask(person, 2, skip=SkipRule.SAME_PERSON)

    request = approve(make_round(*steps, ledger=ledger), person)

    assert state_of(request) == ("approved", "approved")


def test_a_rejection_ends_the_round_and_needs_a_reason() -> None:
    ledger = make_ledger()
    person = make_approver(ledger)
    request = make_round(ask(person), ask(make_approver(ledger)), ledger=ledger)
    task = task_of(request, person)

    with pytest.raises(DecisionReasonIsMissing):
        decide(task, REJECT, actor=person, reason=" ")
    decide(task, REJECT, actor=person, reason="Wrong account")

    assert state_of(request) == ("rejected", "draft")
    assert not request.tasks.filter(state__in=("open", "planned")).exists()


def test_the_maker_never_decides_not_even_as_a_stand_in() -> None:
    ledger = make_ledger()
    person, maker = make_approver(ledger), make_senior(ledger)
    make_flow(ledger.organization)
    request = ask_for(make_entry(ledger, maker=maker))
    hand_over(person, maker)

    with pytest.raises(MakerNeverDecides):
        decide(task_of(request, person), APPROVE, actor=maker)

    assert state_of(request) == ("open", "submitted")


def test_the_maker_is_not_asked_and_alone_nobody_is() -> None:
    ledger = make_ledger()
    maker = make_senior(ledger)
    make_flow(ledger.organization, ask(maker))

    with pytest.raises(NobodyToAsk):
        ask_for(make_entry(ledger, maker=maker))

    assert not ApprovalTask.objects.exists()


def test_a_stand_in_decides_up_to_the_limit_until_it_is_revoked() -> None:
    ledger = make_ledger()
    person, stand_in, other = (make_approver(ledger) for _ in range(3))
    request = make_round(ask(person), ledger=ledger)
    hand_over(person, other, "99.99")
    delegation = hand_over(person, stand_in)

    for _actor in (other, make_approver(ledger)):
        with pytest.raises(NotYourTask):
            decide(task_of(request, person), APPROVE, actor=_actor)
    decide(task_of(request, person), APPROVE, actor=stand_in)

    assert request.decisions.get(kind="approve").way == [person.pk, stand_in.pk]
    revoke_delegation(delegation, version=1, actor=person)  # type: ignore[arg-type]


def test_a_revoked_delegation_counts_for_nothing() -> None:
    ledger = make_ledger()
    person, stand_in = make_approver(ledger), make_approver(ledger)
    request = make_round(ask(person), ledger=ledger)
    delegation = hand_over(person, stand_in)
    revoke_delegation(delegation, version=1, actor=person)  # type: ignore[arg-type]

    with pytest.raises(NotYourTask):
        decide(task_of(request, person), APPROVE, actor=stand_in)


def test_one_person_is_one_approval_of_a_step_however_many_delegate() -> None:
    ledger = make_ledger()
    one, two = make_approver(ledger), make_approver(ledger)
    request = make_round(ask_approvers(rule=StepRule.ALL), ledger=ledger)
    hand_over(two, one)
    approve(request, one)

    with pytest.raises(ApprovedThisStepAlready):
        decide(task_of(request, two), APPROVE, actor=one)


def test_a_limit_holds_at_the_decision_also_when_it_fell_after_submission() -> None:
    ledger = make_ledger()
    person = make_approver(ledger)
    request = make_round(ledger=ledger)
    assignment = person.role_assignments.get()
    admin = make_user(ledger.organization, Role.ADMIN)
    change_approval_limit(assignment, Decimal("99.99"), version=1, actor=admin)

    with pytest.raises(AboveAuthority):
        approve(request, person)

    assert state_of(request) == ("open", "submitted")


def test_a_stand_in_without_the_role_decides_nothing() -> None:
    ledger = make_ledger()
    person, clerk = make_approver(ledger), make_user(ledger.organization, Role.TREASURY)
    request = make_round(ledger=ledger)
    hand_over(person, clerk)

    with pytest.raises(Forbidden):
        decide(task_of(request, person), APPROVE, actor=clerk)


def test_another_content_makes_the_round_void() -> None:
    ledger = make_ledger()
    person = make_approver(ledger)
    make_flow(ledger.organization)
    entry = make_entry(ledger)
    request = ask_for(entry)
    lines = (make_account(ledger), "7"), (make_account(ledger), "-7")
    mark_withdrawn(entry, version=entry.version, actor=entry.maker)
    save_draft(entry, make_content(*lines), version=entry.version, actor=entry.maker)
    mark_submitted(entry, version=entry.version, actor=entry.maker)

    with pytest.raises(ContentHasChanged):
        approve(request, person)

    assert state_of(request) == ("void", "submitted")


def test_a_second_submission_opens_a_round_of_its_own() -> None:
    ledger = make_ledger()
    make_approver(ledger)
    request = make_round(ledger=ledger)

    again = open_request(KIND, request.subject_id, actor=request.maker)

    assert (state_of(request)[0], state_of(again)[0]) == ("void", "open")


def test_only_the_maker_submits_and_withdraws_and_only_in_time() -> None:
    ledger = make_ledger()
    person = make_approver(ledger)
    request = make_round(ledger=ledger)

    with pytest.raises(NotTheRequester):
        withdraw_request(request, actor=person)
    with pytest.raises(NotTheRequester):
        open_request(KIND, request.subject_id, actor=person)
    withdraw_request(request, actor=request.maker)

    assert state_of(request) == ("withdrawn", "draft")
    with pytest.raises(RequestIsClosed, match=request.maker.username):
        decide(task_of(request, person), APPROVE, actor=person)


def test_many_are_decided_one_by_one_with_a_result_for_each() -> None:
    ledger = make_ledger()
    person = make_approver(ledger)
    make_flow(ledger.organization)
    rounds = [ask_for(make_entry(ledger)) for _ in range(3)]
    tasks = [task_of(request, person) for request in rounds]
    decide(tasks[1], REJECT, actor=person, reason="No")

    results = decide_many(tasks, APPROVE, actor=person)

    assert [type(result.error).__name__ for result in results] == [
        "NoneType",
        "RequestIsClosed",
        "NoneType",
    ]


def test_nothing_approves_itself_where_no_flow_or_no_step_is_met() -> None:
    ledger = make_ledger()
    make_approver(ledger)
    entry = make_entry(ledger)

    with pytest.raises(NoFlow):
        ask_for(entry)
    make_flow(ledger.organization, ask_approvers(above=Decimal(100)))
    with pytest.raises(NoFlow):
        ask_for(entry)
