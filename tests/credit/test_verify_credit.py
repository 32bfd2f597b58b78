"""`verify_books` knows which steps good credit saved, and finds what only looks so."""

from __future__ import annotations

import pytest

from apps.approvals.models import ApprovalRequest
from apps.approvals.services.crediting import find_credit
from apps.ledgers.services.verification import verify_inside_a_transaction
from tests.approvals.rounds import approve
from tests.credit.bureaus import FakeClock
from tests.credit.test_credit_steps import House
from tests.ledgers.test_verify_books import broken_by

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bureau")]
ENOUGH = "rounds were approved by as many people as every step takes"
CREDIT = "findings about credit are what their checks came to"


@pytest.fixture
def approved(clock: FakeClock) -> ApprovalRequest:
    """Return a round of a good supplier that one person approved."""
    house = House()
    request = house.request(house.partner(600, 1000))
    find_credit(request.pk)
    return approve(request, house.person)


def test_a_step_that_good_credit_saved_is_not_missed(approved: ApprovalRequest) -> None:
    found = {one.name for one in verify_inside_a_transaction() if one.count}

    assert approved.state == "approved"
    # The supplier got its name past its history.
    assert found <= {"history ends with the live row"}


@pytest.mark.parametrize(
    ("sql", "check"),
    [
        ("DELETE FROM approvals_creditfinding", ENOUGH),
        ("UPDATE approvals_creditfinding SET needs_person = true", ENOUGH),
        ("UPDATE approvals_approvalrequest SET counterparties = '{a,b}'", ENOUGH),
        ("UPDATE credit_creditcheck SET needs_person = true", CREDIT),
        ("UPDATE credit_creditcheck SET amount = 1", CREDIT),
    ],
)
def test_it_finds(approved: ApprovalRequest, sql: str, check: str) -> None:
    assert approved.state == "approved"
    assert check in broken_by(sql)
