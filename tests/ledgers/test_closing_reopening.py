"""Opening a closed period again, and what nobody can do past the close."""

from __future__ import annotations

from datetime import date

import pytest

from apps.core.errors import Forbidden
from apps.ledgers.closing_errors import (
    NotWaiting,
    OwnRequest,
    ReopeningIsAsked,
)
from apps.ledgers.errors import CannotReverse, ReasonIsMissing
from apps.ledgers.models import OpeningBalance, PeriodState
from apps.ledgers.services.closing.checklist import checklist_of
from apps.ledgers.services.closing.reopen import (
    approve_reopening,
    reject_reopening,
    request_reopening,
    withdraw_reopening,
)
from apps.ledgers.services.closing.transfer import transfer_profit
from apps.ledgers.services.closing.year_end import run_year_end
from apps.ledgers.services.periods import change_period
from apps.ledgers.services.reversal import reverse_journal_entry
from apps.ledgers.services.verification import verify_inside_a_transaction
from tests.closing_books import Books, last_day, make_closing_books
from tests.factories import (
    YEAR,
)
from tests.sql import refuse, run

pytestmark = pytest.mark.django_db
JANUARY_15 = date(YEAR, 1, 15)


@pytest.fixture
def books() -> Books:
    """Return books to close."""
    return make_closing_books()


def test_a_closing_entry_is_not_reversed_by_hand(books: Books) -> None:
    books.post(JANUARY_15, ("1002", "10.00"), ("6001", "-10.00"))
    entry = transfer_profit(books.period(1), actor=books.senior)
    assert entry is not None

    with pytest.raises(CannotReverse):
        reverse_journal_entry(entry, actor=books.senior, reason="no")


def test_reopening_needs_a_reason_and_another_person(books: Books) -> None:
    period = books.close(1)
    with pytest.raises(ReasonIsMissing):
        request_reopening(period, actor=books.senior, reason=" ")
    request = request_reopening(period, actor=books.senior, reason="late")

    with pytest.raises(ReopeningIsAsked):
        request_reopening(period, actor=books.senior, reason="again")
    with pytest.raises(OwnRequest):
        approve_reopening(request, actor=books.senior)
    with pytest.raises(Forbidden):
        approve_reopening(request, actor=books.accountant)

    assert approve_reopening(request, actor=books.approver).state == PeriodState.OPEN
    with pytest.raises(NotWaiting):
        approve_reopening(request, actor=books.approver)


def test_a_rejected_or_withdrawn_request_opens_nothing(books: Books) -> None:
    period = books.close(1)
    first = request_reopening(period, actor=books.senior, reason="late")

    with pytest.raises(ReasonIsMissing):
        reject_reopening(first, actor=books.approver, note="")
    reject_reopening(first, actor=books.approver, note="Reported already")
    second = request_reopening(period, actor=books.senior, reason="late")
    withdraw_reopening(second, actor=books.senior)

    assert (first.state, second.state) == ("rejected", "withdrawn")
    assert books.period(1).state == PeriodState.CLOSED


def test_openings_and_approvals_cannot_be_written_past_the_close(books: Books) -> None:
    books.post(JANUARY_15, ("1002", "10.00"), ("4001", "-10.00"))
    period = books.close(1)
    request = request_reopening(period, actor=books.senior, reason="late")

    refuse("FM016", "UPDATE ledgers_openingbalance SET amount = 1")
    refuse("FM016", "DELETE FROM ledgers_openingbalance")
    refuse("FM012", "UPDATE ledgers_period SET state = 'open' WHERE id = %(id)s", id=period.pk)
    refuse(
        "23514",
        "UPDATE ledgers_reopenrequest SET state = 'approved', decided_by_id = requested_by_id"
        " WHERE id = %(id)s",
        id=request.pk,
    )
    refuse("FM002", "UPDATE ledgers_reopenrequest SET reason = 'x'")


def test_verification_finds_openings_that_are_not_the_closings(books: Books) -> None:
    books.post(JANUARY_15, ("1002", "10.00"), ("4001", "-10.00"))
    books.close(1)
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("SET LOCAL session_replication_role = replica")
    run("UPDATE ledgers_openingbalance SET base_amount = base_amount + 1")
    run("SET LOCAL session_replication_role = origin")

    found = {one.name for one in verify_inside_a_transaction() if one.count}

    assert found == {"openings are the closings of all closed periods before"}
    assert OpeningBalance.objects.count() == 2


def test_a_late_adjustment_period_hands_its_turnover_to_the_months_after_it() -> None:
    books = make_closing_books()
    for number in range(1, 13):
        period = books.period(number)
        if period.state == PeriodState.FUTURE:
            change_period(period, PeriodState.OPEN, version=1, actor=books.senior)
        if number < 12:
            books.close(number)
    run_year_end(books.period(12), actor=books.senior, tell=lambda: None)
    january = books.ledger.periods.get(fiscal_year=YEAR + 1, number=1)
    thirteenth = change_period(
        books.period(13), PeriodState.OPEN, version=1, actor=books.senior
    )
    books.post(last_day(12), ("1405", "7.00"), ("2202", "-7.00"), kind="adjustment")
    warned = next(one for one in checklist_of(january) if one.key == "adjustment")
    before = books.openings(1, YEAR + 1)

    run_year_end(thirteenth, actor=books.senior, tell=lambda: None)
    after = books.openings(1, YEAR + 1)
    books.reopen(13)

    assert warned.state == "warning"
    assert before == {}
    assert after == {"1405": 7, "2202": -7}
    assert books.openings(1, YEAR + 1) == {}
