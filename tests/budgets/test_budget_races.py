"""The last money of a budget goes to one of many who ask for it at once."""

from __future__ import annotations

from decimal import Decimal
from functools import partial

import pytest

from apps.budgets.models import Budget, BudgetUse
from apps.budgets.services.budgets import Terms, change_budget
from apps.ledgers.errors import OverBudget
from apps.ledgers.services.drafts import submit_journal_entry
from tests.approvals.test_races import at_once
from tests.budgets.money import House, taken_of

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE, ROUNDS = 8, 5


def test_of_eight_who_want_the_last_money_one_gets_it() -> None:
    house = House()
    budget = house.budget("100")
    for turn in range(1, ROUNDS + 1):
        terms = Terms("Travel", Decimal(100 * turn), is_hard=True)
        change_budget(budget, terms, version=turn, actor=house.senior)
        drafts = [house.draft("100") for _ in range(PEOPLE)]

        results = at_once(
            *[
                partial(submit_journal_entry, one, version=1, actor=house.maker)
                for one in drafts
            ]
        )

        refused = [one for one in results if isinstance(one, OverBudget)]
        assert (len(refused), taken_of(budget)) == (PEOPLE - 1, (0, 100 * turn))


def test_a_budget_that_is_written_meanwhile_misses_no_submission() -> None:
    house = House()
    for _ in range(ROUNDS):
        drafts = [house.draft("10") for _ in range(PEOPLE - 1)]
        submit = [
            partial(submit_journal_entry, one, version=1, actor=house.maker) for one in drafts
        ]

        results = at_once(partial(house.budget, "1000", is_hard=False), *submit)

        budget = results[0]
        assert isinstance(budget, Budget)
        uses = BudgetUse.objects.filter(budget=budget, entry__in=drafts)
        assert uses.count() == PEOPLE - 1
        assert taken_of(budget)[1] == 10 * BudgetUse.objects.filter(budget=budget).count()
