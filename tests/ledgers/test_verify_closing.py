"""`verify_books` finds what somebody broke of closed books with the guards switched off."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal

import pytest
from django.core.management import call_command

from apps.ledgers.services.closing.revaluation import revalue_period
from apps.ledgers.services.closing.transfer import transfer_profit
from apps.ledgers.services.verification import verify_inside_a_transaction
from apps.ledgers.services.verification_closing import CLOSING_QUERIES
from apps.ledgers.services.verification_policies import POLICY_QUERIES
from tests.closing_books import Books, hold_dollars, last_day, make_closing_books
from tests.factories import YEAR, make_draft, make_senior, period_of
from tests.fx.rates import make_own
from tests.ledgers.test_revaluation_identity import make_item_books
from tests.ledgers.test_verify_books import broken_by
from tests.open_items import ItemBooks
from tests.policies.policy_rows import make_policy

pytestmark = pytest.mark.django_db
FEBRUARY_10 = date(YEAR, 2, 10)


@pytest.fixture
def books() -> Books:
    """Return books with a January that was closed, reopened and closed again, in dollars."""
    made = make_closing_books()
    hold_dollars(made)
    make_own(made.ledger.organization, "USD/CNY", "7.20", on=last_day(1))
    for _run in range(2):
        revalue_period(made.period(1), actor=made.senior)
        transfer_profit(made.period(1), actor=made.senior)
        made.close(1)
        if not _run:
            made.reopen(1)
    return made


@pytest.fixture
def items() -> ItemBooks:
    """Return books with a receivable that was revalued and then settled."""
    made = make_item_books("persistent")
    invoice = made.invoice("10000", "71000", currency="USD")
    make_own(made.ledger.organization, "USD/CNY", "7.25", on=last_day(1))
    revalue_period(period_of(made.ledger, 1), actor=make_senior(made.ledger))
    receipt = made.receipt("10000", "71800", currency="USD", day=FEBRUARY_10)
    made.settle((invoice, "10000"), (receipt, "10000"), on=FEBRUARY_10)
    return made


def found() -> list[str]:
    """Return the checks that find something."""
    return [one.name for one in verify_inside_a_transaction() if one.count]


def test_books_that_were_closed_twice_hold(books: Books) -> None:
    assert books.openings(2)["100201"] == Decimal(7200)
    assert found() == []


DAMAGE = {
    "openings are the closings of all closed periods before":
        "UPDATE ledgers_openingbalance SET base_amount = base_amount + 0.01",
    "what a reopened run posted is reversed":
        "UPDATE ledgers_journalentry SET reversal_of_id = NULL"
        " WHERE reversal_of_id IS NOT NULL",
    "a revaluation moves no foreign amount":
        "UPDATE ledgers_journalline SET amount = 1 WHERE amount = 0",
    "closed periods have a closed run":
        "UPDATE ledgers_closerun SET state = 'reopened' WHERE state = 'closed'",
    "closed periods have nothing unposted":
        "UPDATE ledgers_period SET state = 'closed' WHERE state = 'open' AND number = 2",
    "periods were reopened by two people":
        "ALTER TABLE ledgers_reopenrequest DROP CONSTRAINT reopening_is_decided_by_another;"
        "UPDATE ledgers_reopenrequest SET decided_by_id = requested_by_id",
}  # fmt: skip


@pytest.mark.parametrize("check", DAMAGE)
def test_it_finds_damage_to_a_close(books: Books, check: str) -> None:
    accounts = books.accounts
    make_draft(books.ledger, (accounts["1002"], "1"), (accounts["4001"], "-1"), day=FEBRUARY_10)
    assert found() == []

    assert check in broken_by(DAMAGE[check])


ITEM_DAMAGE = {
    "exchange differences of settled items are complete":
        "UPDATE ledgers_openitem SET carrying_base = 0.01 WHERE open_amount = 0",
    "exchange postings are those of their items":
        "UPDATE ledgers_itemmovement SET base_amount = base_amount + 0.01"
        " WHERE kind = 'revaluation'",
}  # fmt: skip


@pytest.mark.parametrize("check", ITEM_DAMAGE)
@pytest.mark.usefixtures("items")
def test_it_finds_damage_to_exchange_differences(check: str) -> None:
    assert found() == []

    assert check in broken_by(ITEM_DAMAGE[check])


POLICY_DAMAGE = {
    "policy versions do not overlap and leave no gap":
        "UPDATE policies_financepolicy SET effective_to = '2099-12-31'"
        " WHERE effective_to IS NULL",
    "nobody confirmed the own policy":
        "ALTER TABLE policies_financepolicy DROP CONSTRAINT policy_proposer_is_not_confirmer;"
        "UPDATE policies_financepolicy SET decided_by_id = proposed_by_id",
}  # fmt: skip


@pytest.mark.parametrize("check", POLICY_DAMAGE)
def test_it_finds_damage_to_policies(books: Books, check: str) -> None:
    make_policy(books.ledger.organization, effective_from=date(2098, 1, 1))
    assert found() == []

    assert check in broken_by(POLICY_DAMAGE[check])


def test_every_check_of_closing_and_policies_is_proved() -> None:
    proved = {*DAMAGE, *ITEM_DAMAGE, *POLICY_DAMAGE}
    elsewhere = {"entries remember the policy of their date"}

    assert proved | elsewhere == {*CLOSING_QUERIES, *POLICY_QUERIES}


def test_the_command_ends_with_1_over_a_damaged_opening(books: Books) -> None:
    broken_by(DAMAGE["openings are the closings of all closed periods before"])
    out = io.StringIO()

    with pytest.raises(SystemExit) as ended:
        call_command("verify_books", "--ledger", books.ledger.code, stdout=out)

    assert ended.value.code == 1
    assert "FOUND" in out.getvalue()
