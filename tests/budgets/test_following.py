"""Money is reserved at submission, spent at posting, and given back by every way out."""

from __future__ import annotations

from datetime import timedelta

import pytest

from apps.budgets.models import BudgetUse
from apps.ledgers.errors import OverBudget
from apps.ledgers.models import JournalEntry
from apps.ledgers.services.decisions import approve_journal_entry, reject_journal_entry
from apps.ledgers.services.drafts import submit_journal_entry, withdraw_journal_entry
from apps.ledgers.services.posting import post_entries, post_journal_entry
from apps.ledgers.services.reversal import reverse_journal_entry
from tests.budgets.money import LAST, House, taken_of
from tests.factories import DAY, make_approver, make_new_entry

pytestmark = pytest.mark.django_db


def post(house: House, entry: JournalEntry) -> JournalEntry:
    """Post a submitted entry."""
    approver = make_approver(house.ledger)
    entry = approve_journal_entry(entry, version=entry.version, actor=approver)
    return post_journal_entry(entry, version=entry.version, actor=house.senior)


def test_submission_reserves_and_posting_spends() -> None:
    house = House()
    budget = house.budget("100")
    entry = house.submit("60")
    assert taken_of(budget) == (0, 60)

    post(house, entry)

    assert taken_of(budget) == (60, 0)
    assert BudgetUse.objects.get().phase == "spent"


def test_withdrawal_and_rejection_give_the_money_back() -> None:
    house = House()
    budget = house.budget("100")
    first, second = house.submit("60"), house.submit("40")

    withdraw_journal_entry(first, version=first.version, actor=house.maker)
    assert taken_of(budget) == (0, 40)
    approver = make_approver(house.ledger)
    reject_journal_entry(second, version=second.version, actor=approver, reason="No")

    assert taken_of(budget) == (0, 0)
    first.refresh_from_db()
    submit_journal_entry(first, version=first.version, actor=house.maker)
    assert taken_of(budget) == (0, 60)


def test_a_reversal_gives_back_once_it_is_posted() -> None:
    house = House()
    budget = house.budget("100")
    entry = post(house, house.submit("60"))

    reversal = reverse_journal_entry(entry, actor=house.senior, reason="Wrong")
    assert taken_of(budget) == (60, 0)
    post(house, reversal)

    assert taken_of(budget) == (0, 0)


def test_a_hard_budget_refuses_what_is_too_much_and_nothing_changes() -> None:
    house = House()
    budget = house.budget("100")
    house.submit("60")
    draft = house.draft("40.01")

    with pytest.raises(OverBudget, match=r"CNY 40 left, this takes 40\.01"):
        submit_journal_entry(draft, version=1, actor=house.maker)

    draft.refresh_from_db()
    assert (draft.state, taken_of(budget)) == ("draft", (0, 60))


def test_a_soft_budget_lets_it_through() -> None:
    house = House()
    budget = house.budget("100", is_hard=False)

    house.submit("160")

    assert taken_of(budget) == (0, 160)


def test_entries_that_are_posted_at_once_pass_by_no_budget() -> None:
    house = House()
    budget = house.budget("100")
    lines = (house.travel, "60"), (house.bank, "-60")
    one, two = (make_new_entry(house.ledger, *lines) for _ in range(2))
    post_entries([one], actor=house.senior, base_currency="CNY")

    with pytest.raises(OverBudget):
        post_entries([two], actor=house.senior, base_currency="CNY")

    assert taken_of(budget) == (60, 0)


def test_an_account_stands_for_all_below_it_and_other_days_do_not_count() -> None:
    house = House()
    budget = house.budget("100", account=house.group)

    house.submit("60")
    house.submit("60", entry_date=LAST + timedelta(days=1))

    assert taken_of(budget) == (0, 60)


def test_a_dimension_value_stands_for_its_expenses_alone() -> None:
    house = House()
    whole = house.budget("100", dimension_value=house.department)
    both = house.budget("100", dimension_value=house.department, account=house.travel)

    house.submit("30", of_department=True)
    house.submit("60")

    assert taken_of(whole) == taken_of(both) == (0, 30)


def test_a_budget_begins_with_what_was_taken_before() -> None:
    house = House()
    post(house, house.submit("60"))
    house.submit("70")
    assert DAY <= LAST

    assert taken_of(house.budget("100")) == (60, 70)
