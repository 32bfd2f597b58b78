"""The rollout hears what became of requests: by department, flow, time and end."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from apps.approvals.models import ApprovalRequest
from apps.approvals.services.deciding import decide
from apps.approvals.services.outcomes import outcomes_since, running_by_department
from apps.approvals.services.requests import withdraw_request
from apps.approvals.words import DecisionKind
from apps.ledgers.models import JournalEntry, Ledger
from apps.ledgers.services.decisions import approve_journal_entry
from apps.ledgers.services.posting import post_journal_entry
from apps.ledgers.services.reversal import reverse_journal_entry
from apps.organizations.models import Department, User
from apps.organizations.permissions import Role
from apps.portal.demo.clock import clock_at
from apps.rollout.models import Flag
from apps.rollout.services.providers import Outcome, outcomes_of, running_of
from apps.rollout.words import OverrideMode
from tests.approvals.rounds import (
    REJECT,
    approve,
    ask_approvers,
    ask_for,
    make_entry,
    make_flow,
    task_of,
)
from tests.factories import make_approver, make_department, make_ledger, make_senior, make_user
from tests.rollout.flags import make_flag, pin

pytestmark = pytest.mark.django_db


class House:
    """A ledger with both flows, a department on each, and somebody who approves."""

    def __init__(self, **step: Any) -> None:
        """Make them; `step` says more about the step that asks."""
        self.ledger = make_ledger()
        organization = self.ledger.organization
        self.approver = make_approver(self.ledger)
        for word in ("v1", "v2"):
            make_flow(organization, ask_approvers(**step), word=word)
        self.flag = make_flag(organization, "0")
        self.old, self.new = (make_department(organization) for _ in range(2))
        self.flag = pin(self.flag, self.new, OverrideMode.ON)

    def request(self, department: Department | None) -> ApprovalRequest:
        """Return a request that waits, by somebody of a department."""
        return ask_for(make_entry(self.ledger, maker=self.maker(department)))

    def maker(self, department: Department | None) -> User:
        """Return an accountant of a department."""
        home = self.ledger.organization
        return make_user(home, Role.ACCOUNTANT, department=department)

    def outcomes(self, since: datetime | None = None) -> list[Outcome]:
        """Return what the rollout hears."""
        since = since or timezone.now() - timedelta(days=1)
        return outcomes_since(self.ledger.organization_id, since)


def posted(request: ApprovalRequest, ledger: Ledger) -> JournalEntry:
    entry = JournalEntry.objects.get(pk=request.subject_id)
    return post_journal_entry(entry, version=entry.version, actor=make_senior(ledger))


def test_a_request_belongs_to_its_department_and_to_the_flow_that_it_took() -> None:
    house = House()
    for department in (house.old, house.new, house.new):
        house.request(department)

    assert house.outcomes() == [
        Outcome(house.old.pk, False, None),
        Outcome(house.new.pk, True, None),
        Outcome(house.new.pk, True, None),
    ]


def test_decided_are_those_that_somebody_approved_or_rejected() -> None:
    house = House()
    approve(house.request(house.old), house.approver)
    refused, taken_back = house.request(house.old), house.request(house.old)
    decide(task_of(refused, house.approver), REJECT, actor=house.approver, reason="No")
    withdraw_request(taken_back, actor=taken_back.maker)

    approved, rejected, withdrawn = house.outcomes()

    assert (approved.seconds, approved.is_rejected) == (0, False)
    assert (rejected.seconds, rejected.is_rejected) == (0, True)
    assert withdrawn.seconds is None


def test_the_time_runs_from_submission_to_the_decision() -> None:
    house = House()
    request = house.request(house.old)

    with clock_at(timezone.now() + timedelta(hours=5)):
        approve(request, house.approver)

    assert 0 <= (house.outcomes()[0].seconds or 0) - 5 * 3600 < 60


@pytest.mark.parametrize("hours", [5, 7])
def test_it_is_late_when_the_verdict_came_after_it_was_due(hours: int) -> None:
    house = House(sla_hours=6)
    request = house.request(house.old)

    with clock_at(timezone.now() + timedelta(hours=hours)):
        approve(request, house.approver)

    assert house.outcomes()[0].is_late is (hours > 6)


def test_nothing_is_late_before_the_verdict_or_without_a_promise() -> None:
    promised, free = House(sla_hours=6), House()
    promised.request(promised.old)
    approve(free.request(free.old), free.approver)

    assert promised.outcomes()[0].is_late is None
    assert free.outcomes()[0].is_late is None


def test_what_was_returned_to_be_mended_is_decided_and_not_rejected() -> None:
    house = House()
    request = house.request(house.old)
    task = task_of(request, house.approver)
    decide(task, DecisionKind.RETURN, actor=house.approver, reason="Add the invoice")

    assert house.outcomes() == [Outcome(house.old.pk, False, 0)]


def test_a_reversal_counts_once_it_is_posted() -> None:
    house = House()
    request = approve(house.request(house.new), house.approver)
    entry = posted(request, house.ledger)
    assert (house.outcomes()[0].is_posted, house.outcomes()[0].is_reversed) == (True, False)

    back = reverse_journal_entry(entry, actor=make_senior(house.ledger), reason="Twice")
    back = approve_journal_entry(back, version=back.version, actor=house.approver)
    assert not house.outcomes()[0].is_reversed
    post_journal_entry(back, version=back.version, actor=make_senior(house.ledger))

    assert house.outcomes()[0].is_reversed


def test_older_requests_others_and_those_without_a_department_are_left_out() -> None:
    house = House()
    house.request(None)
    house.request(house.old)
    begun = timezone.now()
    House().request(house.old)

    assert house.outcomes(begun) == []
    assert len(house.outcomes()) == 1


def test_a_kind_without_a_v2_compares_nothing() -> None:
    ledger = make_ledger()
    make_approver(ledger)
    make_flow(ledger.organization)
    maker = make_user(
        ledger.organization, Role.ACCOUNTANT, department=make_department(ledger.organization)
    )
    ask_for(make_entry(ledger, maker=maker))

    assert outcomes_since(ledger.organization_id, timezone.now() - timedelta(days=1)) == []


def test_what_waits_is_counted_by_department_and_what_is_decided_is_not() -> None:
    house = House()
    for department in (house.old, house.new, house.new, None):
        house.request(department)
    approve(house.request(house.old), house.approver)

    assert running_by_department(house.ledger.organization_id) == {
        house.old.pk: 1,
        house.new.pk: 2,
    }


def test_the_flag_page_asks_the_engine(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    house = House()
    for department in (house.old, house.new, house.new):
        house.request(department)
    flag = Flag.objects.get(pk=house.flag.pk)

    with django_assert_num_queries(2):
        outcomes, running = outcomes_of(flag), running_of(flag)

    assert len(outcomes or []) == 3
    assert running == {house.old.pk: 1, house.new.pk: 2}
