"""A step that asks people only where the credit of a counterparty is in doubt."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import DatabaseError
from django.utils import timezone

from apps.approvals.errors import FlowHasNoSteps
from apps.approvals.models import ApprovalRequest, CreditFinding
from apps.approvals.services.credit_bell import TASK
from apps.approvals.services.crediting import find_credit, find_credit_due
from apps.approvals.services.flows import move_flow, write_flow
from apps.approvals.services.requests import withdraw_request
from apps.approvals.services.risks import RiskNote, risk_notes
from apps.approvals.services.route import route_of, with_rounds
from apps.approvals.tasks import find_credit as find_credit_task
from apps.approvals.words import FlowState
from apps.credit.models import CreditCheck
from apps.ledgers.models import DimensionValue, Ledger
from apps.organizations.models import User
from tests.approvals.rounds import (
    KIND,
    approve,
    ask,
    make_bill,
    make_flow,
    make_partner,
    state_of,
)
from tests.credit.bureaus import FakeClock, RunningBureau, name_with_score
from tests.factories import make_approver, make_ledger
from tests.ledgers.test_verify_books import broken_by
from tests.sql import refuse

pytestmark = pytest.mark.django_db
DECIDED = ("approved", "approved")
ENOUGH = "rounds were approved by as many people as every step takes"


class House:
    """A ledger with a flow: one person decides, and another one where credit is in doubt."""

    def __init__(self) -> None:
        """Write the flow."""
        self.ledger: Ledger = make_ledger()
        self.person: User = make_approver(self.ledger)
        self.doubter: User = make_approver(self.ledger)
        steps = ask(self.person), ask(self.doubter, 2, checks_credit=True)
        make_flow(self.ledger.organization, *steps)

    def partner(self, low: int, high: int) -> DimensionValue:
        """Return a supplier whom the bureau gives a score of that range."""
        partner = make_partner(self.ledger)
        partner.name = name_with_score(low, high)
        DimensionValue.objects.filter(pk=partner.pk).update(name=partner.name)
        return partner

    def request(self, partner: DimensionValue, amount: str = "100") -> ApprovalRequest:
        """Return the round of a bill."""
        entry = make_bill(self.ledger, partner, amount)
        return ApprovalRequest.objects.get(subject_id=entry.pk)

    def waiting(self, request: ApprovalRequest) -> list[int]:
        """Return who is asked now."""
        return list(request.tasks.filter(state="open").values_list("person", flat=True))


@pytest.fixture
def house(clock: FakeClock) -> House:
    return House()


def earlier(house: House, name: str, hours: int, score: int = 800) -> CreditCheck:
    """Keep a score of some hours ago."""
    at = timezone.now() - timedelta(hours=hours, minutes=1)
    kept: dict[str, Any] = {"source": "live", "outcome": "answered", "is_good": True}
    return CreditCheck.objects.create(
        organization=house.ledger.organization,
        counterparty=name,
        amount=1,
        currency_id="CNY",
        score=score,
        needs_person=False,
        scored_at=at,
        at=at,
        **kept,
    )


def credit_notes(request: ApprovalRequest, house: House) -> list[RiskNote]:
    """Return what somebody who decides is told about credit."""
    notes = risk_notes([request], house.person)[request.pk]
    return [note for note in notes if note.kind == "stale_credit"]


def source_of(finding: CreditFinding) -> str:
    """Return where the score of a finding comes from."""
    return finding.credit_check.source if finding.credit_check else ""


@pytest.mark.usefixtures("bureau")
def test_the_route_says_by_which_score_a_step_was_saved(house: House) -> None:
    partner = house.partner(600, 1000)
    request = house.request(partner)
    find_credit(request.pk)

    _, saved = route_of(with_rounds(request))

    score = CreditCheck.objects.get().score
    assert (saved.state, saved.stops) == ("skipped", ())
    assert saved.reasons == (f"good credit: {partner.name} {score}",)


@pytest.mark.usefixtures("bureau")
def test_good_credit_asks_no_extra_person_and_approves_nothing(house: House) -> None:
    request = house.request(house.partner(600, 1000))
    assert house.waiting(request) == []

    assert find_credit(request.pk)

    assert (house.waiting(request), state_of(request)[0]) == ([house.person.pk], "open")
    approve(request, house.person)
    assert state_of(request) == DECIDED
    assert credit_notes(request, house) == []


@pytest.mark.usefixtures("bureau")
def test_the_proof_knows_that_good_credit_makes_a_step_needless(house: House) -> None:
    request = house.request(house.partner(600, 1000))
    find_credit(request.pk)
    approve(request, house.person)

    assert ENOUGH not in broken_by("SELECT 1")
    assert ENOUGH in broken_by("UPDATE approvals_creditfinding SET needs_person = true")


@pytest.mark.usefixtures("bureau")
def test_bad_credit_lets_a_person_decide(house: House) -> None:
    request = house.request(house.partner(0, 500))
    find_credit(request.pk)

    approve(request, house.person)

    assert state_of(request)[0] == "open"
    assert house.waiting(request) == [house.doubter.pk]
    approve(request, house.doubter)
    assert state_of(request) == DECIDED


@pytest.mark.parametrize(("amount", "extra"), [("50000", False), ("50000.01", True)])
def test_an_old_score_serves_up_to_its_limit(
    house: House, bureau: RunningBureau, settings: LazySettings, amount: str, *, extra: bool
) -> None:
    settings.CREDIT_CACHED_LIMITS = {"CNY": 50000}
    partner = house.partner(600, 1000)
    earlier(house, partner.name, hours=3)
    bureau.behave(mode="down")
    request = house.request(partner, amount)

    find_credit(request.pk)

    finding = request.credit_findings.get()
    assert (finding.needs_person, source_of(finding)) == (extra, "cached")
    [note] = credit_notes(request, house)
    assert note.is_risky == extra
    assert "800, is 3 hours old: bureau not reached" in note.text


def test_without_a_score_a_person_decides(house: House) -> None:
    request = house.request(house.partner(600, 1000))

    find_credit(request.pk)
    approve(request, house.person)

    assert house.waiting(request) == [house.doubter.pk]
    [note] = credit_notes(request, house)
    assert "no bureau is set up" in note.text


def test_what_names_nobody_waits_for_nobody(house: House) -> None:
    request = make_round_without_partner(house)

    assert house.waiting(request) == [house.person.pk]
    approve(request, house.person)
    assert state_of(request) == DECIDED


def make_round_without_partner(house: House) -> ApprovalRequest:
    """Return the round of an entry that names no counterparty."""
    entry = make_bill(house.ledger, make_partner(house.ledger, "P1", "project"))
    return ApprovalRequest.objects.get(subject_id=entry.pk)


@pytest.mark.usefixtures("bureau")
def test_it_is_found_once_and_not_at_all_for_what_was_withdrawn(house: House) -> None:
    partner = house.partner(600, 1000)
    first, second = house.request(partner), house.request(partner)
    withdraw_request(second, actor=second.maker)

    results = [find_credit(first.pk), find_credit(first.pk), find_credit(second.pk)]

    assert results == [True, False, False]
    assert CreditFinding.objects.count() == 1


def test_beat_asks_for_what_no_worker_heard_of(house: House) -> None:
    request = house.request(house.partner(600, 1000))
    assert find_credit_due() == 0
    later = timezone.now() + timedelta(minutes=1)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timezone, "now", lambda: later)
        assert find_credit_due() == 1

    assert house.waiting(request) == [house.person.pk]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("bureau")
def test_a_worker_asks_once_the_submission_is_committed(house: House) -> None:
    assert find_credit_task.name == TASK

    request = house.request(house.partner(600, 1000))

    assert house.waiting(request) == [house.person.pk]


def test_postgresql_believes_no_finding_that_its_check_does_not_bear_out(house: House) -> None:
    request = house.request(house.partner(600, 1000))
    bad = earlier(house, "Somebody", hours=1)
    key = request.counterparties[0]
    find = (
        "INSERT INTO approvals_creditfinding"
        " (request_id, counterparty, credit_check_id, needs_person, at)"
        " VALUES (%(request)s, %(key)s, %(check)s, false, now())"
    )

    refuse("FM053", find, request=request.pk, key=key, check=bad.pk)
    refuse("FM053", find, request=request.pk, key="supplier:0", check=bad.pk)
    refuse("23514", find, request=request.pk, key=key, check=None)
    refuse("FM053", find, request=request.pk, key="", check=None)


def test_a_flow_of_credit_alone_never_becomes_active() -> None:
    ledger = make_ledger()
    person = make_approver(ledger)
    alone = ask(person, checks_credit=True)

    with pytest.raises(FlowHasNoSteps):
        make_flow(ledger.organization, alone)
    flow = write_flow(ledger.organization_id, KIND, "v1", [alone], actor=person)
    with pytest.raises(DatabaseError, match="approve by itself"):
        move_flow(flow, FlowState.ACTIVE, version=1, actor=person)
